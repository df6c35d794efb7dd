package io.culvert.client;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.culvert.client.http.Seconds;
import java.time.Duration;
import java.util.List;

/**
 * What is asked of policies. What is not named is unbounded in a creation, and stays as it is in a change. Immutable, any thread; a
 * builder is for one thread.
 */
public final class PolicySettings {
    private final ObjectNode json;

    private PolicySettings(ObjectNode json) {
        this.json = json;
    }

    /** Something that can be bounded. */
    public enum Bound {
        /** Visitors at once. */
        CONNECTIONS("connections", "most"),
        /** Visitors at once from one address. */
        CONNECTIONS_OF_AN_ADDRESS("connections", "most_per_address"),
        /** New visitors each second. */
        NEW_PER_SECOND("connections", "new_per_second"),
        /** Bytes each second from visitors, all together. */
        BYTES_IN("bytes_per_second", "in"),
        /** Bytes each second to visitors, all together. */
        BYTES_OUT("bytes_per_second", "out"),
        /** Bytes each second from one visitor. */
        CONNECTION_BYTES_IN("bytes_per_second", "connection_in"),
        /** Bytes each second to one visitor. */
        CONNECTION_BYTES_OUT("bytes_per_second", "connection_out"),
        /** Bytes both ways over the tunnel's life. */
        VOLUME("", "volume_bytes"),
        /** The time without a byte, in whole milliseconds. */
        IDLE("", "idle_seconds"),
        /** The life of a connection, in whole milliseconds. */
        LONGEST("", "longest_seconds");

        private final String group;
        private final String field;

        Bound(String group, String field) {
            this.group = group;
            this.field = field;
        }

        private ObjectNode home(ObjectNode json) {
            return group.isEmpty() ? json : json.withObjectProperty(group);
        }

        private boolean isTime() {
            return this == IDLE || this == LONGEST;
        }
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

        /** The only addresses that are let in, {@code 192.0.2.0/24}; none: all. */
        public Builder allow(List<String> blocks) {
            return blocks("allow", blocks);
        }

        /** Addresses that are not let in. */
        public Builder deny(List<String> blocks) {
            return blocks("deny", blocks);
        }

        private Builder blocks(String name, List<String> blocks) {
            ArrayNode array = json.withObjectProperty("visitors").putArray(name);
            blocks.forEach(array::add);
            return this;
        }

        /** 1 or more; of a {@link Bound} that counts. */
        public Builder most(Bound bound, long most) {
            if (bound.isTime()) {
                return most(bound, Duration.ofMillis(most));
            }
            bound.home(json).put(bound.field, most);
            return this;
        }

        /** 1 ms or more; of {@link Bound#IDLE} or {@link Bound#LONGEST}. */
        public Builder most(Bound bound, Duration most) {
            if (!bound.isTime()) {
                throw new IllegalArgumentException(bound + ": " + most + " (expected: a number)");
            }
            json.put(bound.field, Seconds.of(most));
            return this;
        }

        /** Takes a bound away. */
        public Builder without(Bound bound) {
            bound.home(json).putNull(bound.field);
            return this;
        }

        /** One of {@code none}, {@code v1} or {@code v2}. */
        public Builder proxyProtocol(String version) {
            json.put("proxy_protocol", version);
            return this;
        }

        /** True where nothing was asked for. */
        public boolean isEmpty() {
            return json.isEmpty();
        }

        /** What was collected. */
        public PolicySettings build() {
            return new PolicySettings(json.deepCopy());
        }
    }
}
