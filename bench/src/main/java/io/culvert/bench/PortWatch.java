package io.culvert.bench;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * Sees when each of many ports stops being listened on, by asking {@link ListeningPorts} again and again. One thread.
 *
 * <p>What is known of a port is an interval: it was there at some time after {@link Closing#seen}, and was not found at any time after
 * {@link Closing#missed}. The truth lies between the two.
 */
final class PortWatch {
    /** Between two questions: leaves the processor to whoever is being watched. */
    private static final Duration PAUSE = Duration.ofMillis(1);

    private final Question question;

    /** Asks the kernel. */
    PortWatch() {
        this(new ListeningPorts()::read);
    }

    /** Asks as it is told. */
    PortWatch(Question question) {
        this.question = question;
    }

    /** Which ports are listened on? */
    @FunctionalInterface
    interface Question {
        /** The answer holds until the next question. */
        BitSet ask() throws IOException;
    }

    /**
     * When a port was closed, in nanoseconds since the epoch, by the wall clock.
     *
     * @param seen the beginning of the last question whose answer named the port
     * @param missed the end of the first question of which on no answer named it
     */
    record Closing(long seen, long missed) {}

    /**
     * Watches until none of the ports is listened on.
     *
     * @param ports all listened on at this moment
     * @param patience how long to watch at most
     * @throws IOException where a port was not there in the beginning, or is still there when patience is at its end
     */
    Map<Integer, Closing> untilClosed(BitSet ports, Duration patience) throws IOException {
        long[] seen = new long[65536];
        long[] missed = new long[65536];
        long begin = System.nanoTime();
        requireAll(ports);
        int quiet = 0;
        // A port that was left out of one answer by chance is in the
        // next one: the last word has the second answer without any.
        while (quiet < 2) {
            if (System.nanoTime() - begin > patience.toNanos()) {
                throw new IOException("ports are still open after " + patience + ": " + stillThere(ports));
            }
            long asked = wallNanos();
            BitSet answer = question.ask();
            long answered = wallNanos();
            boolean any = false;
            for (int port = ports.nextSetBit(0); port >= 0; port = ports.nextSetBit(port + 1)) {
                if (answer.get(port)) {
                    seen[port] = asked;
                    missed[port] = 0;
                    any = true;
                } else if (missed[port] == 0) {
                    missed[port] = answered;
                }
            }
            quiet = any ? 0 : quiet + 1;
            LockSupport.parkNanos(PAUSE.toNanos());
        }
        Map<Integer, Closing> closings = new HashMap<>();
        ports.stream().forEach(port -> closings.put(port, new Closing(seen[port], missed[port])));
        return closings;
    }

    /** The ports among these that are listened on. */
    BitSet stillThere(BitSet ports) throws IOException {
        BitSet there = (BitSet) ports.clone();
        there.and(question.ask());
        return there;
    }

    private void requireAll(BitSet ports) throws IOException {
        BitSet absent = (BitSet) ports.clone();
        absent.andNot(question.ask());
        if (!absent.isEmpty()) {
            throw new IOException(
                    "ports are not listened on: " + absent + " (expected: all of " + ports.cardinality() + ")");
        }
    }

    /** Nanoseconds since the epoch. */
    static long wallNanos() {
        return nanos(Instant.now());
    }

    /** Nanoseconds from the epoch to this instant. */
    static long nanos(Instant instant) {
        return Math.addExact(Math.multiplyExact(instant.getEpochSecond(), 1_000_000_000L), instant.getNano());
    }
}
