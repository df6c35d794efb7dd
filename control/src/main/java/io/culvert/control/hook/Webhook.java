package io.culvert.control.hook;

import io.culvert.control.event.EventKind;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Somebody who is told of events by HTTP, as readers see it. Its secret is not among what they see. An immutable snapshot, any thread.
 *
 * @param id never used twice
 * @param project whose it is and whose events it is told of; empty for one of the server, which is told of all
 * @param url where events are posted to, {@code http} or {@code https}
 * @param filter what it is told of
 * @param active false where it is told of nothing for the moment
 * @param waiting deliveries that are on their way or will be tried again
 * @param dead dead letters
 * @param last the newest attempt since the server started
 */
public record Webhook(
        long id,
        Optional<String> project,
        String url,
        Filter filter,
        boolean active,
        Instant createdAt,
        int waiting,
        int dead,
        Optional<Attempt> last) {

    /**
     * Which events a webhook is told of: those for which each part holds.
     *
     * @param kinds empty for every kind
     * @param labels what the event's tunnel must carry; empty for any tunnel, and for events of the server as a whole
     * @param tunnel the one tunnel it is about; empty for any
     */
    public record Filter(Set<EventKind> kinds, Map<String, String> labels, OptionalLong tunnel) {
        /** Every event. */
        public static final Filter ALL = new Filter(Set.of(), Map.of(), OptionalLong.empty());

        public Filter {
            kinds = Set.copyOf(kinds);
            labels = Map.copyOf(labels);
        }
    }

    /**
     * A webhook that has just been made, or has a new secret.
     *
     * @param secret signs what is sent; told now and never again
     */
    public record WithSecret(Webhook webhook, String secret) {
        @Override
        public String toString() {
            return "WithSecret[webhook=" + webhook + ", secret=MASKED]";
        }
    }
}
