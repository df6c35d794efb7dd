package io.culvert.control.hook;

import io.culvert.control.event.Event;
import java.time.Instant;
import java.util.Optional;

/**
 * An event on its way to a webhook. Immutable, any thread.
 *
 * @param id the webhook's number, a dash and the event's: the same for each attempt, so that a receiver knows what it has seen
 * @param tries attempts that failed
 * @param due when it is tried next; for a dead letter of no meaning
 * @param last the newest attempt
 * @param deadSince when it was given up, for a dead letter
 */
public record Delivery(
        String id,
        long webhook,
        Event event,
        int tries,
        Instant due,
        Optional<Attempt> last,
        Optional<Instant> deadSince) {
    static Delivery first(long webhook, Event event, Instant due) {
        return new Delivery(webhook + "-" + event.id(), webhook, event, 0, due, Optional.empty(), Optional.empty());
    }

    Delivery again(Attempt failed, Instant due) {
        return new Delivery(id, webhook, event, tries + 1, due, Optional.of(failed), Optional.empty());
    }

    Delivery givenUp(Attempt failed, int tries) {
        return new Delivery(id, webhook, event, tries, due, Optional.of(failed), Optional.of(failed.at()));
    }

    Delivery revived(Instant due) {
        return new Delivery(id, webhook, event, 0, due, last, Optional.empty());
    }
}
