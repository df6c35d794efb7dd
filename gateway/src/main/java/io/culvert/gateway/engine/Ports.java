package io.culvert.gateway.engine;

import io.culvert.gateway.PortRange;
import java.util.HashSet;
import java.util.Set;

/**
 * Which port to try next for an expose that asks for none of its own. It only remembers what this server holds: whether a port is free is
 * told by binding it, and by nothing else. Lives on one loop.
 */
final class Ports {
    private final PortRange range;
    private final Set<Integer> held = new HashSet<>();
    private int next;

    Ports(PortRange range) {
        this.range = range;
        this.next = range.from();
    }

    /** How many candidates an expose may try; 0 where every port of the range is held. */
    int tries() {
        return range.any() ? 1 : range.size() - held.size();
    }

    /**
     * The next port to try, 0 where the system picks; goes round, so that a port that was given back rests the longest. Only while
     * {@link #tries} is not 0.
     */
    int candidate() {
        if (range.any()) {
            return 0;
        }
        for (int i = 0; i < range.size(); i++) {
            int port = next;
            next = next == range.to() ? range.from() : next + 1;
            if (!held.contains(port)) {
                return port;
            }
        }
        throw new IllegalStateException("ports " + range + ": all held");
    }

    /** Takes a port; false where it is held already, or none of the range: then it is not the caller's to give back. */
    boolean hold(int port) {
        return !range.any() && port >= range.from() && port <= range.to() && held.add(port);
    }

    /** A port is free again: its holder closed it, or could not bind it. */
    void giveBack(int port) {
        held.remove(port);
    }

    @Override
    public String toString() {
        return range.toString();
    }
}
