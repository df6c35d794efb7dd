package io.culvert.control.event;

import io.culvert.control.ledger.Duty;
import java.util.List;

/**
 * Writes the event log down, behind it: a crash loses what was added since the last turn, and never a number. Numbers come from a block
 * that is reserved on disk before the first of them is given, and the next start goes on behind the block; a clean end gives back what is left of
 * it.
 *
 * <pre>
 *   … 41 42 43 | 44 45 ┆ (lost)      reserved to 1,000,043 |  next start: 1,000,044 …
 *      written | added ┆
 * </pre>
 *
 * What waits to be written is the log itself, so memory stays bounded while a disk is away: events that have left the log by then are not
 * kept by the store either. Ledger thread only.
 */
public final class EventScribe implements Duty {
    /** The next block is reserved when half of this one is gone: a disk may be away for 500,000 events before a number is not reserved. */
    static final long BLOCK = 1_000_000;

    private final EventStore store;
    private final EventLog log;
    private long written;
    /** The first number that is not ours. */
    private long reserved;

    private EventScribe(EventStore store, EventLog log, long written, long reserved) {
        this.store = store;
        this.log = log;
        this.written = written;
        this.reserved = reserved;
    }

    /**
     * Reads the log of before and reserves numbers. Waits for the disk; by the thread that starts the server.
     *
     * @param kept how many events can be read again, at least 1
     */
    public static EventScribe open(EventStore store, int kept) {
        EventStore.Restored before = store.load(kept);
        long reserved = before.nextId() + BLOCK;
        store.write(List.of(), 0, reserved);
        long last = before.nextId() - 1;
        return new EventScribe(store, new EventLog(kept, before.events(), last), last, reserved);
    }

    /** The log that is written down. */
    public EventLog log() {
        return log;
    }

    @Override
    public String name() {
        return "events";
    }

    @Override
    public void turn() {
        List<Event> news = log.after(written);
        boolean low = reserved - log.lastId() < BLOCK / 2;
        if (!news.isEmpty() || low) {
            write(news, low ? log.lastId() + BLOCK : reserved);
        }
    }

    /** Writes what is left and gives the other numbers back; events that come later are told to nobody. */
    @Override
    public void last() {
        log.seal();
        List<Event> news = log.after(written);
        write(
                news,
                Math.max(written, news.isEmpty() ? 0 : news.get(news.size() - 1).id()) + 1);
    }

    private void write(List<Event> news, long nextId) {
        store.write(news, log.firstId(), nextId);
        reserved = nextId;
        if (!news.isEmpty()) {
            written = news.get(news.size() - 1).id();
        }
    }
}
