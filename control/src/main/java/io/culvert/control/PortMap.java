package io.culvert.control;

import java.util.BitSet;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Values of ports, and which ports have none, without a look at each. Control thread only. */
final class PortMap<V> {
    private final Map<HeldPort, V> values = new HashMap<>();
    /** The numbers that have a value. */
    private final Map<Protocol, BitSet> numbers = new EnumMap<>(Protocol.class);

    PortMap() {
        for (Protocol protocol : Protocol.values()) {
            numbers.put(protocol, new BitSet());
        }
    }

    @Nullable
    V get(HeldPort port) {
        return values.get(port);
    }

    boolean has(HeldPort port) {
        return numbers(port.protocol()).get(port.number());
    }

    void put(HeldPort port, V value) {
        numbers(port.protocol()).set(port.number());
        values.put(port, value);
    }

    void remove(HeldPort port) {
        numbers(port.protocol()).clear(port.number());
        values.remove(port);
    }

    /** In no order. */
    Collection<V> values() {
        return values.values();
    }

    int size() {
        return values.size();
    }

    /** The lowest number from {@code number} on that has no value; maybe one behind the last port. */
    int nextWithout(Protocol protocol, int number) {
        return numbers(protocol).nextClearBit(number);
    }

    private BitSet numbers(Protocol protocol) {
        return Objects.requireNonNull(numbers.get(protocol));
    }
}
