package io.culvert.control.event;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * The events of this server in order: the last ones are kept in memory, so that a reader who was away can go on where it stopped. Any
 * thread.
 */
public final class EventLog {
    private final int kept;
    private final List<Event> last = new ArrayList<>();
    private final List<Consumer<Event>> listeners = new ArrayList<>();
    private long lastId;

    /**
     * An empty log.
     *
     * @param kept how many events can be read again, at least 1
     */
    public EventLog(int kept) {
        this.kept = kept;
    }

    /** Adds an event, and tells every listener in order. */
    public synchronized Event add(
            Instant at, EventKind kind, OptionalLong tunnel, String text, Map<String, String> details) {
        Event event = new Event(++lastId, at, kind, tunnel, text, details);
        last.add(event);
        if (last.size() > kept) {
            last.remove(0);
        }
        listeners.forEach(listener -> listener.accept(event));
        return event;
    }

    /** The number of the newest event; 0 for none. */
    public synchronized long lastId() {
        return lastId;
    }

    /**
     * Tells the kept events behind {@code afterId}, oldest first, and then every new one as it comes, without a gap or a repetition between the
     * two. Called under the log's lock, by whoever adds: the listener must neither wait nor throw.
     *
     * @param afterId the last event that the reader knows; {@link #lastId} for new ones only
     * @return the events of before, and the way out
     */
    public synchronized Subscription subscribe(long afterId, Consumer<Event> listener) {
        List<Event> missed = last.stream().filter(event -> event.id() > afterId).toList();
        boolean gap = afterId < lastId && (last.isEmpty() || last.get(0).id() > afterId + 1);
        listeners.add(listener);
        return new Subscription(missed, gap, () -> remove(listener));
    }

    private synchronized void remove(Consumer<Event> listener) {
        listeners.remove(listener);
    }

    /**
     * A listener's place in the log.
     *
     * @param missed kept events from before it came, oldest first
     * @param gap true where events between the reader's last one and the first of {@code missed} are not kept any more
     */
    public record Subscription(List<Event> missed, boolean gap, Runnable end) implements AutoCloseable {
        public Subscription {
            missed = List.copyOf(missed);
        }

        /** Hears nothing any more. */
        @Override
        public void close() {
            end.run();
        }
    }
}
