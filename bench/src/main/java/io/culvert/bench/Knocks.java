package io.culvert.bench;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Sees as a visitor when ports are closed: knocks at each from its deadline on until it is refused. That is exact to the time between two knocks,
 * where reading the kernel's table of 10,000 listening sockets takes 30 ms. One thread.
 */
final class Knocks {
    private static final Duration PAUSE = Duration.ofMillis(2);
    /** A connection that begins while its listener is being closed gets no answer for a second: it was not let in. On loopback, others take 0.1 ms. */
    private static final int PATIENCE_MILLIS = 5;

    private Knocks() {}

    /**
     * A port that shall be closed.
     *
     * @param deadline nanoseconds since the epoch, by the wall clock
     */
    record Door(int port, long deadline) {}

    /**
     * What was seen of one door, in nanoseconds behind its deadline.
     *
     * @param open the beginning of the last knock that was let in; the deadline itself where none was
     * @param shut the end of the first that was refused
     */
    record Seen(long open, long shut) {}

    /** Knocks until every door is shut, or patience is at its end. */
    static List<Seen> untilShut(List<Door> doors, Duration patience) throws IOException {
        List<Door> waiting = new ArrayList<>(doors);
        waiting.sort(Comparator.comparingLong(Door::deadline));
        long[] open = new long[65_536];
        List<Seen> seen = new ArrayList<>();
        long end = waiting.get(waiting.size() - 1).deadline() + patience.toNanos();
        while (!waiting.isEmpty()) {
            if (PortWatch.wallNanos() > end) {
                throw new IOException("port " + waiting.get(0).port() + " is still open " + patience + " later");
            }
            for (Iterator<Door> each = waiting.iterator(); each.hasNext(); ) {
                Door door = each.next();
                long begun = PortWatch.wallNanos() - door.deadline();
                if (begun < 0) {
                    break;
                }
                if (isOpen(door.port())) {
                    open[door.port()] = begun;
                } else {
                    seen.add(new Seen(open[door.port()], PortWatch.wallNanos() - door.deadline()));
                    each.remove();
                }
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
        return seen;
    }

    private static boolean isOpen(int port) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MILLIS);
            return true;
        } catch (ConnectException | SocketTimeoutException e) {
            return false;
        } catch (SocketException e) {
            // Let in, and turned away: the tunnel has no agent.
            return true;
        }
    }
}
