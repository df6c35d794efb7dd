package io.culvert.client;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.culvert.client.http.Seconds;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What is asked of a lease. What is not named is the server's default in a creation, and stays as it is in a change. Immutable, any
 * thread; a builder is for one thread.
 */
public final class LeaseSettings {
    private final ObjectNode json;

    private LeaseSettings(ObjectNode json) {
        this.json = json;
    }

    /** What a lease can be without. */
    public enum Term {
        /** The time from one renewal to the deadline: it then needs no renewal. */
        TTL("ttl_seconds"),
        /** The time behind the deadline in which it can still be renewed. */
        GRACE("grace_seconds"),
        /** The time from creation to an end that no renewal moves. */
        MAX_LIFETIME("max_lifetime_seconds"),
        /** The moment of that end. */
        EXPIRES_AT("expires_at");

        private final String field;

        Term(String field) {
            this.field = field;
        }
    }

    /** A lease that ends so long after its last renewal. */
    public static LeaseSettings ttl(Duration ttl) {
        return builder().ttl(ttl).build();
    }

    /** Nothing asked for yet. */
    public static Builder builder() {
        return new Builder();
    }

    ObjectNode json() {
        return json.deepCopy();
    }

    /** As it is sent. */
    @Override
    public String toString() {
        return json.toString();
    }

    /** Collects what is asked for. */
    public static final class Builder {
        private final ObjectNode json = JsonNodeFactory.instance.objectNode();

        private Builder() {}

        /** From one renewal to the deadline, 1 ms to ten years. */
        public Builder ttl(Duration ttl) {
            json.put("ttl_seconds", Seconds.of(ttl));
            return this;
        }

        /** How long it can still be renewed behind the deadline, visitors shut out and ports held. */
        public Builder grace(Duration grace) {
            json.put("grace_seconds", Seconds.of(grace));
            return this;
        }

        /** From creation to an end that no renewal moves. */
        public Builder maxLifetime(Duration lifetime) {
            json.put("max_lifetime_seconds", Seconds.of(lifetime));
            return this;
        }

        /** A moment that no renewal moves. */
        public Builder expiresAt(Instant end) {
            json.put("expires_at", end.toString());
            return this;
        }

        /** Visitors are cut at the end. */
        public Builder cutAtTheEnd() {
            json.putObject("on_expiry").put("action", "cut");
            return this;
        }

        /** Visitors who are there at the end may stay so long, up to a day. */
        public Builder drainAtTheEnd(Duration drain) {
            json.putObject("on_expiry").put("action", "drain").put("drain_seconds", Seconds.of(drain));
            return this;
        }

        /** True: while an agent is connected the lease does not run. */
        public Builder renewedBySession(boolean bySession) {
            json.put("renew_by", bySession ? "session" : "api");
            return this;
        }

        /** How long before an end an event tells of it, at most eight. */
        public Builder warnBefore(List<Duration> before) {
            ArrayNode array = json.putArray("warn_before_seconds");
            before.forEach(each -> array.add(Seconds.of(each)));
            return this;
        }

        /** Takes one away. */
        public Builder without(Term term) {
            json.putNull(term.field);
            return this;
        }

        /** True where nothing was asked for. */
        public boolean isEmpty() {
            return json.isEmpty();
        }

        /** What was collected. */
        public LeaseSettings build() {
            return new LeaseSettings(json.deepCopy());
        }
    }
}
