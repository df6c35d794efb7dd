package io.culvert.web.http;

import io.vertx.core.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * What answers hold in memory that have not left yet, over all connections of a server: whoever asks for long answers and reads none of them must not
 * take the memory that leases and visitors live by. Short answers are no part of it, so a renewal and a refusal always pass. Answers to changes in bulk have
 * a bound of their own, as large again: who reads no lists holds up nobody's renewals. Thread-safe: each web loop counts its own.
 */
public final class Unsent {
    /** Up to here an answer is short, in bytes: as many of them as there may be connections are 16 MiB. */
    static final int SHORT = 16 << 10;

    /** What callers are told of a long answer for which there is no room. */
    public static final String REFUSAL = "too many long answers wait to be read by those who asked for them";

    /** What an answer says of each thing that a call in bulk names, in bytes: a tunnel's document, as a rule. */
    private static final long OF_EACH = 1200;

    private final long most;
    private final AtomicLong answers = new AtomicLong();
    private final AtomicLong changes = new AtomicLong();

    /** @param most in bytes, at least 1; one answer alone may be longer, or it could never be had */
    public Unsent(long most) {
        this.most = most;
    }

    /**
     * Takes room for the answer to a change in bulk, before it is begun: when it is done its answer cannot be refused. Give it back by {@link #release}
     * when the answer goes out, which counts itself.
     *
     * @param things how many the change names
     * @return false where there is no room; nothing is to be given back then
     */
    public boolean claim(int things) {
        return take(changes, things * OF_EACH);
    }

    /** Gives back what {@link #claim} took. */
    public void release(int things) {
        changes.addAndGet(-things * OF_EACH);
    }

    private boolean take(AtomicLong held, long bytes) {
        long before = held.getAndAdd(bytes);
        if (bytes > 0 && before > 0 && before + bytes > most) {
            held.addAndGet(-bytes);
            return false;
        }
        return true;
    }

    /**
     * Counts a body for as long as it is under way.
     *
     * @param bytes how long it is
     * @param must true where it tells of a change that was made: it goes out even where there is no room
     * @param send hands it over; its future ends when the socket has taken all of it, or the connection is closed
     * @return false where there is no room; nothing was done then
     */
    boolean send(int bytes, boolean must, Supplier<Future<Void>> send) {
        long counted = bytes <= SHORT ? 0 : bytes;
        AtomicLong held = must ? changes : answers;
        if (must) {
            held.addAndGet(counted);
        } else if (!take(held, counted)) {
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
