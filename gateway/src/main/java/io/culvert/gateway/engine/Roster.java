package io.culvert.gateway.engine;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The open connections of one tunnel. Any thread: they come on the home loop and go on their sessions' loops. */
final class Roster {
    private final Map<Long, Connection> byId = new ConcurrentHashMap<>();
    private final Map<InetAddress, Integer> perAddress = new ConcurrentHashMap<>();

    void add(Connection connection) {
        byId.put(connection.id(), connection);
        InetAddress address = connection.address();
        if (address != null) {
            perAddress.merge(address, 1, Integer::sum);
        }
    }

    /** Repeating it does nothing; true for the first. */
    boolean remove(Connection connection) {
        InetAddress address = connection.address();
        boolean there = byId.remove(connection.id()) != null;
        if (there && address != null) {
            perAddress.computeIfPresent(address, (key, count) -> count == 1 ? null : count - 1);
        }
        return there;
    }

    int size() {
        return byId.size();
    }

    int sizeOf(InetAddress address) {
        return perAddress.getOrDefault(address, 0);
    }

    @Nullable
    Connection find(long id) {
        return byId.get(id);
    }

    /** Oldest first. */
    List<Connection> all() {
        List<Connection> all = new ArrayList<>(byId.values());
        all.sort(Comparator.comparingLong(Connection::id));
        return all;
    }
}
