package io.culvert.client;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where events are posted. Immutable, any thread.
 *
 * @param active false where it is told of nothing for the moment
 * @param kinds none: every kind
 * @param labels what the tunnel must carry
 * @param tunnel the one tunnel that it is about; empty: any
 * @param waiting deliveries on their way
 * @param dead dead letters
 */
public record Webhook(
        long id,
        String url,
        boolean active,
        List<String> kinds,
        Map<String, String> labels,
        Optional<Long> tunnel,
        Instant createdAt,
        int waiting,
        int dead,
        Optional<Attempt> last) {
    public Webhook {
        kinds = List.copyOf(kinds);
        labels = Map.copyOf(labels);
    }

    /**
     * One post and what came of it.
     *
     * @param status of HTTP, where there was an answer
     */
    public record Attempt(Instant at, Duration took, Optional<Long> status, String outcome, boolean delivered) {
        static Attempt read(Answer answer) throws IOException {
            return new Attempt(
                    answer.time("at"),
                    answer.seconds("took_seconds"),
                    answer.anyNumber("status"),
                    answer.text("outcome"),
                    answer.truth("delivered"));
        }
    }

    /**
     * A webhook and what signs its posts.
     *
     * @param secret told this once
     */
    public record WithSecret(Webhook webhook, String secret) {
        static WithSecret read(Answer answer) throws IOException {
            return new WithSecret(Webhook.read(answer), answer.text("secret"));
        }

        /** Without the secret. */
        @Override
        public String toString() {
            return "WithSecret[webhook=" + webhook + ", secret=MASKED]";
        }
    }

    /**
     * What could not be delivered.
     *
     * @param id the same for each attempt, and in the header {@code Culvert-Delivery}
     * @param tries attempts that failed
     * @param deadSince empty once it is on its way again
     */
    public record DeadLetter(
            String id, long webhook, Event event, int tries, Optional<Instant> deadSince, Optional<Attempt> last) {
        static DeadLetter read(Answer answer) throws IOException {
            return new DeadLetter(
                    answer.text("id"),
                    answer.number("webhook"),
                    answer.object("event", Event::read),
                    answer.count("tries"),
                    answer.anyTime("dead_since"),
                    answer.anyObject("last", Attempt::read));
        }
    }

    static Webhook read(Answer answer) throws IOException {
        return new Webhook(
                answer.number("id"),
                answer.text("url"),
                answer.truth("active"),
                answer.texts("kinds"),
                answer.map("labels"),
                answer.anyNumber("tunnel"),
                answer.time("created_at"),
                answer.count("waiting"),
                answer.count("dead"),
                answer.anyObject("last", Attempt::read));
    }
}
