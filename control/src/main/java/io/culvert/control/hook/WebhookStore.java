package io.culvert.control.hook;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Where webhooks and what is on its way to them outlive the process. Methods wait for the disk and throw
 * {@link io.culvert.control.StoreUnavailableException} where it fails; whether a change that failed was made is then not known. Called
 * by one thread at a time.
 */
public interface WebhookStore {
    /** Everything. */
    Restored load();

    /** Puts a webhook there, whether it was or not, and moves {@link Restored#nextId} past it. */
    void put(Stored webhook);

    /** Takes a webhook and its deliveries away. */
    void remove(long webhook);

    /**
     * Makes all of these changes or none.
     *
     * @param put deliveries that must be there as given; those of webhooks that are gone are left out
     * @param gone names of deliveries that must not be there
     * @param seen every event up to this one has been looked at
     */
    void apply(List<Delivery> put, Set<String> gone, long seen);

    /**
     * A webhook as it is stored.
     *
     * @param project whose it is; empty for one of the server
     * @param sealedSecret encrypted
     * @param since it is told of events behind this one
     */
    record Stored(
            long id,
            Optional<String> project,
            String url,
            String sealedSecret,
            Webhook.Filter filter,
            boolean active,
            Instant createdAt,
            long since) {}

    /**
     * What was there.
     *
     * @param webhooks by number
     * @param deliveries living and dead, in the order of their events
     * @param nextId of the next webhook; 1 at first
     * @param seen as in {@link #apply}
     */
    record Restored(List<Stored> webhooks, List<Delivery> deliveries, long nextId, long seen) {
        public Restored {
            webhooks = List.copyOf(webhooks);
            deliveries = List.copyOf(deliveries);
        }
    }
}
