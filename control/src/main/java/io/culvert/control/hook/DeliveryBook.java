package io.culvert.control.hook;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What of the deliveries is to be written, in one transaction a turn; while the store is away it grows no larger than what is on its way.
 * Ledger thread only.
 */
final class DeliveryBook {
    private final WebhookStore store;
    /** Those that are in the store, or may be. */
    private final Map<String, Long> stored = new HashMap<>();

    private final Map<String, Delivery> put = new HashMap<>();
    private final Set<String> gone = new HashSet<>();
    private long seen;

    DeliveryBook(WebhookStore store, List<Delivery> before) {
        this.store = store;
        before.forEach(delivery -> stored.put(delivery.id(), delivery.webhook()));
    }

    void put(Delivery delivery) {
        gone.remove(delivery.id());
        put.put(delivery.id(), delivery);
    }

    void gone(Delivery delivery) {
        put.remove(delivery.id());
        if (stored.containsKey(delivery.id())) {
            gone.add(delivery.id());
        }
    }

    /** A webhook has left the store, and its deliveries with it. */
    void forget(long webhook) {
        put.values().removeIf(delivery -> delivery.webhook() == webhook);
        stored.values().removeIf(owner -> owner == webhook);
        gone.retainAll(stored.keySet());
    }

    /**
     * Writes what there is to write.
     *
     * @param upTo every event up to this one has been looked at
     * @param told true where somebody is told of events at all; if not, the number alone is not worth a write
     */
    void write(long upTo, boolean told) {
        if (put.isEmpty() && gone.isEmpty() && !(told && upTo > seen)) {
            return;
        }
        // Before the write: one that fails may have been made.
        put.values().forEach(delivery -> stored.put(delivery.id(), delivery.webhook()));
        store.apply(new ArrayList<>(put.values()), Set.copyOf(gone), upTo);
        put.clear();
        stored.keySet().removeAll(gone);
        gone.clear();
        seen = upTo;
    }
}
