package io.culvert.web.http;

import io.vertx.core.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * What answers hold in memory that have not left yet, over all connections of a server: whoever asks for long answers and reads none of them must not
 * take the memory that leases and visitors live by. Short answers are no part of it, so renewals and refusals always pass. Thread-safe: each web loop
 * counts its own.
 */
public final class Unsent {
    /** Up to here an answer is short, in bytes: as many of them as there may be connections are 16 MiB. */
    static final int SHORT = 16 << 10;

    /** What callers are told of a long answer for which there is no room. */
    public static final String REFUSAL = "too many long answers wait to be read by those who asked for them";

    private final long most;
    private final AtomicLong held = new AtomicLong();

    /** @param most in bytes, at least 1; one answer alone may be longer, or it could never be had */
    public Unsent(long most) {
        this.most = most;
    }

    /** False where no long answer would be sent. */
    public boolean hasRoom() {
        long now = held.get();
        return now == 0 || now + SHORT <= most;
    }

    /**
     * Counts a body for as long as it is under way.
     *
     * @param bytes how long it is
     * @param must true where it goes out even where there is no room
     * @param send hands it over; its future ends when the socket has taken all of it, or the connection is closed
     * @return false where there is no room; nothing was done then
     */
    boolean send(int bytes, boolean must, Supplier<Future<Void>> send) {
        long counted = bytes <= SHORT ? 0 : bytes;
        long before = held.getAndAdd(counted);
        if (!must && counted > 0 && before > 0 && before + counted > most) {
            held.addAndGet(-counted);
            return false;
        }
        Future<Void> sent;
        try {
            sent = send.get();
        } catch (RuntimeException | Error e) {
            held.addAndGet(-counted);
            throw e;
        }
        sent.onComplete(done -> held.addAndGet(-counted));
        return true;
    }
}
