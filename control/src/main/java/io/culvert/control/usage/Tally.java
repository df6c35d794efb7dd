package io.culvert.control.usage;

import io.culvert.gateway.Counts;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What came in addition since the last write, by tunnel and slot. Ledger thread only. */
final class Tally {
    private final Map<Key, UsageSlot> slots = new HashMap<>();

    private record Key(long tunnel, Grain grain, Instant start) {}

    boolean isEmpty() {
        return slots.isEmpty();
    }

    int size() {
        return slots.size();
    }

    /** Adds a difference to the slots of this moment. */
    void add(long tunnel, Instant now, Counts before, Counts after) {
        for (Grain grain : Grain.values()) {
            Instant start = grain.start(now);
            UsageSlot more = new UsageSlot(
                    start,
                    after.bytesIn() - before.bytesIn(),
                    after.bytesOut() - before.bytesOut(),
                    after.connections() - before.connections(),
                    after.refused() - before.refused());
            slots.merge(new Key(tunnel, grain, start), more, UsageSlot::plus);
        }
    }

    /** Those of one tunnel and grain that begin in this time. */
    Stream<UsageSlot> find(long tunnel, Grain grain, Instant from, Instant to) {
        return slots.entrySet().stream()
                .filter(entry -> entry.getKey().tunnel() == tunnel
                        && entry.getKey().grain() == grain
                        && !entry.getKey().start().isBefore(from)
                        && entry.getKey().start().isBefore(to))
                .map(Map.Entry::getValue);
    }

    /** Lets go of the minutes before this one: their hours have the same. */
    void forgetMinutesBefore(Instant minute) {
        slots.keySet()
                .removeIf(key -> key.grain() == Grain.MINUTE && key.start().isBefore(minute));
    }

    List<UsageStore.Share> shares() {
        List<UsageStore.Share> shares = new ArrayList<>(slots.size());
        slots.forEach((key, slot) -> shares.add(new UsageStore.Share(key.tunnel(), key.grain(), slot)));
        return shares;
    }
}
