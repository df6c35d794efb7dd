package io.culvert.web.http;

import io.vertx.core.Future;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What answers hold in memory that have not left yet, over all connections of a server: whoever asks for long answers and reads none of them must not
 * take the memory that leases and visitors live by. Short answers are no part of it, so a renewal and a refusal always pass. Answers to changes in bulk have
 * a bound of their own, as large again: who reads no lists holds up nobody's renewals. One caller gets half of either bound, so that one alone shuts out nobody else.
 * Thread-safe: each web loop counts its own.
 */
public final class Unsent {
    /** Up to here an answer is short, in bytes: as many of them as there may be connections are 16 MiB. */
    static final int SHORT = 16 << 10;

    /** What callers are told of a long answer for which there is no room. */
    public static final String REFUSAL = "too many long answers wait to be read by those who asked for them";

    /** What an answer says of each thing that a call in bulk names, in bytes: a tunnel's document, as a rule. */
    private static final long OF_EACH = 1200;

    private final Room answers;
    private final Room changes;

    /** @param most in bytes, at least 1; one answer alone may be longer, or it could never be had */
    public Unsent(long most) {
        this.answers = new Room(most);
        this.changes = new Room(most);
    }

    /**
     * Takes room for the answer to a change in bulk, before it is begun: when it is done its answer cannot be refused. Give it back by {@link #release}
     * when the answer goes out, which counts itself.
     *
     * @param who asks for it
     * @param things how many the change names
     * @return false where there is no room; nothing is to be given back then
     */
    public boolean claim(String who, int things) {
        return changes.take(who, things * OF_EACH);
    }

    /** Gives back what {@link #claim} took. */
    public void release(String who, int things) {
        changes.give(who, things * OF_EACH);
    }

    /**
     * Counts a body for as long as it is under way.
     *
     * @param who asked for it
     * @param bytes how long it is
     * @param must true where it tells of a change that was made: it goes out even where there is no room
     * @param send hands it over; its future ends when the socket has taken all of it, or the connection is closed
     * @return false where there is no room; nothing was done then
     */
    boolean send(String who, int bytes, boolean must, Supplier<Future<Void>> send) {
        long counted = bytes <= SHORT ? 0 : bytes;
        Room room = must ? changes : answers;
        if (must) {
            room.add(who, counted);
        } else if (!room.take(who, counted)) {
            return false;
        }
        Future<Void> sent;
        try {
            sent = send.get();
        } catch (RuntimeException | Error e) {
            room.give(who, counted);
            throw e;
        }
        sent.onComplete(done -> room.give(who, counted));
        return true;
    }

    private static final class Room {
        private final long most;
        private final Map<String, Long> held = new HashMap<>();
        private long all;

        Room(long most) {
            this.most = most;
        }

        synchronized boolean take(String who, long bytes) {
            boolean fits = fits(all, bytes, most) && fits(held.getOrDefault(who, 0L), bytes, most / 2);
            if (fits) {
                add(who, bytes);
            }
            return fits;
        }

        private static boolean fits(long held, long bytes, long most) {
            return bytes == 0 || held == 0 || held + bytes <= most;
        }

        synchronized void add(String who, long bytes) {
            if (bytes == 0) {
                return;
            }
            all += bytes;
            if (held.merge(who, bytes, Long::sum) == 0) {
                held.remove(who);
            }
        }

        void give(String who, long bytes) {
            add(who, -bytes);
        }
    }
}
