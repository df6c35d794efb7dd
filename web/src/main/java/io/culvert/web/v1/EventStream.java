package io.culvert.web.v1;

import io.culvert.control.Tunnel;
import io.culvert.control.event.Event;
import io.culvert.control.event.EventLog;
import io.culvert.web.http.Cut;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One reader of the log: server-sent events from where it stopped, for as long as it keeps up. The log's threads only put events into a
 * bounded queue; everything else happens on the loop of the reader's connection.
 */
final class EventStream implements Reply.Stream {
    // Twice what happens when some hundred tunnels come and go at once; at some 300 bytes each it is 300 KB a reader.
    private static final int WAITING = 1_000;
    private static final Duration PULSE = Duration.ofSeconds(15);
    private static final Duration COUNTING = Duration.ofSeconds(2);

    private final EventLog log;
    private final long last;
    private final Optional<Traffic> traffic;
    private final Predicate<Event> wanted;
    private final BooleanSupplier welcome;
    private final Runnable atEnd;
    private final BlockingQueue<Event> fresh = new ArrayBlockingQueue<>(WAITING);
    private final Queue<Event> missed = new ArrayDeque<>();
    private final Queue<EventLog.Gap> gaps = new ArrayDeque<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final AtomicBoolean over = new AtomicBoolean();
    private volatile boolean lagging;
    private EventLog.@Nullable Subscription subscription;

    /**
     * What the reader is told of counts.
     *
     * @param wanted which tunnels it wants and may be told of, asked each time
     */
    record Traffic(TrafficReader reader, Predicate<Tunnel> wanted) {}

    /**
     * @param last the last event that the reader knows
     * @param traffic empty where the reader wants no counts
     * @param wanted which events it wants and may be told, asked for each when it happens
     * @param welcome false once its credential is good no more: it is cut then
     * @param atEnd called once, when the reader has gone
     */
    EventStream(
            EventLog log,
            long last,
            Optional<Traffic> traffic,
            Predicate<Event> wanted,
            BooleanSupplier welcome,
            Runnable atEnd) {
        this.log = log;
        this.last = last;
        this.traffic = traffic;
        this.wanted = wanted;
        this.welcome = welcome;
        this.atEnd = atEnd;
    }

    @Override
    public void begin(HttpServerRequest request) {
        HttpServerResponse response = request.response();
        if (response.closed()) {
            end();
            return;
        }
        response.putHeader("Content-Type", "text/event-stream")
                .putHeader("Cache-Control", "no-store")
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("Referrer-Policy", "no-referrer")
                // For nginx in front: it would else keep events back.
                .putHeader("X-Accel-Buffering", "no");
        if (request.method().equals(HttpMethod.HEAD)) {
            end();
            response.end();
            return;
        }
        Context loop = Vertx.currentContext();
        long pulse = loop.owner().setPeriodic(PULSE.toMillis(), tick -> {
            if (!response.ended() && !response.closed()) {
                response.write(":\n\n");
            }
        });
        long counting = loop.owner().setPeriodic(COUNTING.toMillis(), tick -> {
            if (welcome.getAsBoolean()) {
                Cut.onFailure(request, () -> count(response));
            } else {
                cut(request);
            }
        });
        response.closeHandler(gone -> {
            loop.owner().cancelTimer(pulse);
            loop.owner().cancelTimer(counting);
            end();
        });
        response.exceptionHandler(broken -> end());
        // A block without data is no event, but its number is where
        // a reader goes on from that loses us before the first one.
        response.setChunked(true).write("retry: 2000\nid: " + last + "\n\n");
        EventLog.Subscription place = log.subscribe(last, event -> arrived(event, loop, request));
        subscription = place;
        gaps.addAll(place.gaps());
        place.missed().stream().filter(wanted).forEach(missed::add);
        response.drainHandler(drained -> Cut.onFailure(request, () -> write(request)));
        write(request);
    }

    /** On a culvert-feed thread; the log's lock is not held. */
    private void arrived(Event event, Context loop, HttpServerRequest request) {
        boolean stays = welcome.getAsBoolean();
        if (over.get() || (stays && !wanted.test(event))) {
            return;
        }
        if (!stays) {
            loop.runOnContext(now -> cut(request));
            return;
        }
        if (!fresh.offer(event)) {
            lagging = true;
        }
        if (scheduled.compareAndSet(false, true)) {
            loop.runOnContext(now -> {
                scheduled.set(false);
                Cut.onFailure(request, () -> write(request));
            });
        }
    }

    /** A reader that has not taken the last counts gets the sum of both the next time. */
    private void count(HttpServerResponse response) {
        if (traffic.isPresent() && !over.get() && !response.writeQueueFull()) {
            traffic.get().reader().frames(traffic.get().wanted()).forEach(response::write);
        }
    }

    private void write(HttpServerRequest request) {
        if (lagging || !welcome.getAsBoolean()) {
            // A reader that only lags comes back with the last number it read.
            cut(request);
            return;
        }
        HttpServerResponse response = request.response();
        while (!over.get() && !response.writeQueueFull()) {
            EventLog.Gap gap = gaps.peek();
            // Where it is: behind the last event that is there before it.
            if (gap != null
                    && (missed.isEmpty() || gap.before() <= missed.peek().id())) {
                response.write(frame(gaps.remove()));
                continue;
            }
            Event next = missed.isEmpty() ? fresh.poll() : missed.poll();
            if (next == null) {
                return;
            }
            response.write(frame(next));
        }
    }

    private static String frame(EventLog.Gap gap) {
        JsonObject bounds = new JsonObject().put("after", gap.after()).put("before", gap.before());
        return "event: gap\ndata: " + bounds.encode() + "\n\n";
    }

    private void cut(HttpServerRequest request) {
        end();
        Cut.now(request.connection());
    }

    private static String frame(Event event) {
        return "id: " + event.id() + "\nevent: " + TunnelDocument.word(event.kind()) + "\ndata: "
                + EventDocument.of(event).encode() + "\n\n";
    }

    private void end() {
        if (over.compareAndSet(false, true)) {
            if (subscription != null) {
                subscription.close();
            }
            atEnd.run();
        }
    }
}
