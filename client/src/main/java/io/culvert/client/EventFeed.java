package io.culvert.client;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A stream of events that opens itself again where it breaks, and goes on behind the last event that was told, without a gap or a
 * repetition. {@link #run} belongs to one thread and calls the listener; {@link #close} may be called from any.
 */
public final class EventFeed implements Runnable, AutoCloseable {
    /** The server says something each 15 s. */
    private static final Duration SILENCE = Duration.ofSeconds(45);

    private static final Duration PAUSE = Duration.ofSeconds(2);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    /** A Culvert server asks nobody to slow down for longer. */
    private static final Duration LONGEST_ASKED = Duration.ofMinutes(15);

    /** In characters; a line has a bound, but an event may have any number of them. */
    private static final int LONGEST_EVENT = 1 << 20;

    private final Api api;
    private final EventFilter filter;
    private final EventListener listener;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile @Nullable EventLines lines;
    private Optional<Long> last;
    private Duration pause = PAUSE;

    EventFeed(Api api, EventFilter filter, EventListener listener) {
        this.api = api;
        this.filter = filter;
        this.listener = listener;
        this.last = filter.after();
    }

    /**
     * Reads until it is closed, or its thread is interrupted.
     *
     * @throws CulvertApiException where the server refuses for good: no good key, for instance
     */
    @Override
    public void run() {
        try {
            do {
                try {
                    read();
                    if (!isClosed()) {
                        listener.disconnected(new IOException("the server ended the stream"));
                    }
                } catch (IOException e) {
                    if (!isClosed()) {
                        listener.disconnected(e);
                    }
                } catch (CulvertApiException e) {
                    if (!e.mayPass()) {
                        throw e;
                    }
                    pause = pause(e);
                    if (!isClosed()) {
                        listener.disconnected(new IOException(e.getMessage(), e));
                    }
                }
            } while (!closed.await(pause.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** How long to wait behind a refusal: what cannot be now can be sooner than was said, but whoever is asked to slow down does. */
    static Duration pause(CulvertApiException refusal) {
        Duration most = refusal.status() == 429 ? LONGEST_ASKED : LONGEST_PAUSE;
        return refusal.retryAfter()
                .filter(wait -> !wait.isZero())
                .map(wait -> wait.compareTo(most) > 0 ? most : wait)
                .orElse(PAUSE);
    }

    private void read() throws IOException, InterruptedException {
        Query query = new Query();
        filter.tunnels().forEach(id -> query.add("tunnel", id));
        filter.kinds().forEach(kind -> query.add("kind", kind));
        Api.Request request = api.get("events" + query);
        last.ifPresent(number -> request.header("Last-Event-ID", number.toString()));
        try (EventLines open = request.open().body()) {
            lines = open;
            if (isClosed()) {
                return;
            }
            listener.connected();
            frames(open);
        } finally {
            lines = null;
        }
    }

    private void frames(EventLines open) throws IOException, InterruptedException {
        String kind = "";
        String id = "";
        StringBuilder data = new StringBuilder();
        for (Optional<String> next = open.next(SILENCE); next.isPresent(); next = open.next(SILENCE)) {
            String line = next.get();
            int colon = line.indexOf(':');
            String field = colon < 0 ? line : line.substring(0, colon);
            String value = colon < 0 ? "" : line.substring(colon + 1).stripLeading();
            if (line.isEmpty()) {
                // Behind each line of data stands an end of line; the
                // last one is no part of it, says the specification.
                if (data.length() > 1 && !isClosed()) {
                    data.setLength(data.length() - 1);
                    tell(kind, Answer.of(data.toString().getBytes(StandardCharsets.UTF_8)));
                } else if (data.length() <= 1 && id.matches("[0-9]{1,18}")) {
                    // No event: where the stream begins.
                    last = Optional.of(Long.parseLong(id));
                }
                kind = "";
                id = "";
                data.setLength(0);
            } else if (field.equals("event")) {
                kind = value;
            } else if (field.equals("id")) {
                id = value;
            } else if (field.equals("data")) {
                if (data.length() + value.length() >= LONGEST_EVENT) {
                    throw new IOException(
                            "an event is too long (expected: less than " + LONGEST_EVENT + " characters)");
                }
                data.append(value).append('\n');
            } else if (field.equals("retry") && value.matches("[0-9]{1,6}")) {
                Duration told = Duration.ofMillis(Math.max(100, Long.parseLong(value)));
                pause = told.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : told;
            }
        }
    }

    private void tell(String kind, Answer data) throws IOException {
        if (kind.equals("gap")) {
            long before = data.number("before");
            // Not behind the number that was told last: a server that lost its last events
            // gives numbers below it anew.
            last = Optional.of(Math.max(1, before) - 1);
            listener.gap(data.number("after"), before);
            return;
        }
        Event event = Event.read(data);
        last = Optional.of(event.id());
        listener.event(event);
    }

    private boolean isClosed() {
        return closed.getCount() == 0;
    }

    /** Ends the stream; {@link #run} returns soon after. */
    @Override
    public void close() {
        closed.countDown();
        EventLines open = lines;
        if (open != null) {
            open.close();
        }
    }
}
