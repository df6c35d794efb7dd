package io.culvert.control.event;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The events of this server in order: the last ones are kept in memory, so that a reader who was away can go on where it stopped.
 * {@link EventScribe} makes one that outlives the process. Any thread; adding never waits, neither for a disk nor for a listener.
 */
public final class EventLog {
    private static final Logger log = LoggerFactory.getLogger(EventLog.class);
    private static final int FEED_THREADS = 4;
    private static final int AT_ONCE = 256;
    private static final long IDLE_SECONDS = 10;

    private final EventRing ring;
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private final ThreadPoolExecutor feeds;
    private long lastId;
    private boolean sealed;

    /**
     * An empty log, in memory only.
     *
     * @param kept how many events can be read again, at least 1
     */
    public EventLog(int kept) {
        this(kept, List.of(), 0);
    }

    /**
     * A log that goes on.
     *
     * @param kept how many events can be read again, at least 1
     * @param earlier what is there from before, oldest first
     * @param lastId the next event has the number behind this one; at least that of the last of {@code earlier}
     */
    EventLog(int kept, List<Event> earlier, long lastId) {
        this.ring = new EventRing(kept);
        this.lastId = lastId;
        earlier.forEach(ring::add);
        AtomicInteger number = new AtomicInteger();
        // Several, so that a listener that waits against its promise delays some others at most.
        this.feeds = new ThreadPoolExecutor(
                FEED_THREADS, FEED_THREADS, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), work -> {
                    Thread thread = new Thread(work, "culvert-feed-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        feeds.allowCoreThreadTimeOut(true);
    }

    /**
     * Adds an event, and lets every listener know.
     *
     * @param project of the tunnel; empty for the server as a whole
     */
    public Event add(
            Instant at,
            EventKind kind,
            OptionalLong tunnel,
            Optional<String> project,
            String text,
            Map<String, String> details) {
        Event event;
        synchronized (this) {
            event = new Event(++lastId, at, kind, tunnel, project, text, details);
            if (sealed) {
                return event;
            }
            ring.add(event);
        }
        listeners.forEach(Listener::hurry);
        return event;
    }

    /** The number of the newest event, or of the one before the next where none is kept; 0 for none ever. */
    public synchronized long lastId() {
        return lastId;
    }

    /** The kept events behind {@code afterId}, oldest first. */
    public List<Event> after(long afterId) {
        return after(afterId, Integer.MAX_VALUE);
    }

    private synchronized List<Event> after(long afterId, int most) {
        return ring.after(afterId, most);
    }

    /** The number of the oldest event that is kept; 0 for none. */
    synchronized long firstId() {
        return ring.firstId();
    }

    /**
     * Gives the kept events behind {@code afterId}, oldest first, and then tells every new one as it comes, in order, without a gap or a repetition
     * between the two. The listener is called by a thread {@code culvert-feed-N}, one call at a time, perhaps before this method has
     * returned. It should not wait: the log and whoever adds do not feel it, but it may delay other listeners, and one that lags behind by more than the
     * kept events misses those that are not kept any more, which shows in their numbers. One that throws misses the event that it threw at.
     *
     * @param afterId the last event that the reader knows; {@link #lastId} for new ones only
     * @return the events of before, and the way out
     */
    public Subscription subscribe(long afterId, Consumer<Event> listener) {
        List<Event> missed;
        List<Gap> gaps;
        Listener place;
        synchronized (this) {
            missed = ring.after(afterId, Integer.MAX_VALUE);
            gaps = gaps(afterId, missed, lastId);
            place = new Listener(listener, lastId);
            listeners.add(place);
        }
        return new Subscription(missed, gaps, () -> {
            place.ended = true;
            listeners.remove(place);
        });
    }

    /** Numbers are dense but for what was lost. A number that was never given here is one that a crash has swallowed. */
    private static List<Gap> gaps(long afterId, List<Event> missed, long lastId) {
        if (afterId > lastId) {
            return List.of(new Gap(afterId, lastId + 1));
        }
        List<Gap> gaps = new ArrayList<>();
        long known = afterId;
        for (Event event : missed) {
            if (event.id() != known + 1) {
                gaps.add(new Gap(known, event.id()));
            }
            known = event.id();
        }
        if (known != lastId) {
            gaps.add(new Gap(known, lastId + 1));
        }
        return gaps;
    }

    /** From now on, events are neither kept nor told: nobody would write them down any more. */
    synchronized void seal() {
        sealed = true;
    }

    /** Somebody who hears of events, at its own pace. */
    private final class Listener implements Runnable {
        private final Consumer<Event> ear;
        private final AtomicBoolean queued = new AtomicBoolean();
        /** Of the thread that runs this; there is one at a time. */
        private long heard;

        private volatile boolean ended;

        Listener(Consumer<Event> ear, long heard) {
            this.ear = ear;
            this.heard = heard;
        }

        void hurry() {
            if (queued.compareAndSet(false, true)) {
                feeds.execute(this);
            }
        }

        @Override
        public void run() {
            List<Event> news = after(heard, AT_ONCE);
            for (Event event : news) {
                heard = event.id();
                if (ended) {
                    return;
                }
                try {
                    ear.accept(event);
                } catch (RuntimeException | Error e) {
                    log.error("A listener failed at event {} and goes on behind it", event.id(), e);
                }
            }
            if (news.size() == AT_ONCE) {
                // To the end of the line: the others wait as well.
                feeds.execute(this);
                return;
            }
            queued.set(false);
            // What came between the look and this.
            if (lastId() > heard && !after(heard, 1).isEmpty()) {
                hurry();
            }
        }
    }

    /**
     * Numbers whose events are not to be had.
     *
     * @param after the last number before them that the reader knows or is told
     * @param before the first number behind them; not above {@code after} where the reader knows numbers that were never given here
     */
    public record Gap(long after, long before) {}

    /**
     * A listener's place in the log.
     *
     * @param missed kept events from before it came, oldest first
     * @param gaps where events that the reader has not seen are not kept any more, or may have been lost by a crash; in order
     */
    public record Subscription(List<Event> missed, List<Gap> gaps, Runnable end) implements AutoCloseable {
        public Subscription {
            missed = List.copyOf(missed);
            gaps = List.copyOf(gaps);
        }

        /** Whether there is one. */
        public boolean gap() {
            return !gaps.isEmpty();
        }

        /** Hears nothing any more, but for a call that is running. */
        @Override
        public void close() {
            end.run();
        }
    }
}
