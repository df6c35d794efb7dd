package io.culvert.gateway.engine;

import io.culvert.gateway.PortRange;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Which port to try next for an expose that asks for none of its own. It only remembers what this server holds: whether a port is free is
 * told by binding it, and by nothing else. Lives on one loop.
 */
final class Ports {
    private final Set<Integer> held = new HashSet<>();
    private final Map<PortRange, Cursor> cursors = new HashMap<>();

    /** How many candidates of a range an expose may try; 0 where every port of it is held. */
    int tries(PortRange range) {
        return range.any() ? 1 : range.size() - cursor(range).held;
    }

    /**
     * The next port of a range to try, 0 where the system picks; goes round, so that a port that was given back rests the longest. Only
     * while {@link #tries} is not 0.
     */
    int candidate(PortRange range) {
        if (range.any()) {
            return 0;
        }
        Cursor cursor = cursor(range);
        for (int i = 0; i < range.size(); i++) {
            int port = cursor.next;
            cursor.next = port == range.to() ? range.from() : port + 1;
            if (!held.contains(port)) {
                return port;
            }
        }
        throw new IllegalStateException("ports " + range + ": all held");
    }

    /** Takes a port; false where it is held already, or picked by the system: then it is not the caller's to give back. */
    boolean hold(int port) {
        if (port == 0 || !held.add(port)) {
            return false;
        }
        count(port, 1);
        return true;
    }

    /** A port is free again: its holder closed it, or could not bind it. */
    void giveBack(int port) {
        if (held.remove(port)) {
            count(port, -1);
        }
    }

    private void count(int port, int by) {
        cursors.forEach((range, cursor) -> {
            if (range.from() <= port && port <= range.to()) {
                cursor.held += by;
            }
        });
    }

    private Cursor cursor(PortRange range) {
        return cursors.computeIfAbsent(range, fresh -> {
            Cursor cursor = new Cursor();
            cursor.next = range.from();
            cursor.held = (int) held.stream()
                    .filter(port -> range.from() <= port && port <= range.to())
                    .count();
            return cursor;
        });
    }

    /** Where a range goes on, and how many of its ports are held. */
    private static final class Cursor {
        private int next;
        private int held;
    }
}
