package io.culvert.client;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Optional;

/** A tunnel to be created. Whether it can be is for the server to say. Immutable, any thread; a builder is for one thread. */
public final class NewTunnel {
    private final ObjectNode json;

    private NewTunnel(ObjectNode json) {
        this.json = json;
    }

    /**
     * A TCP tunnel from any free port.
     *
     * @param target {@code host:port} as the agent sees it
     * @param ttl from one renewal to the end
     */
    public static NewTunnel to(String target, Duration ttl) {
        return builder()
                .expose(Expose.tcp(target))
                .lease(LeaseSettings.ttl(ttl))
                .build();
    }

    /** Nothing asked for yet; at least one expose has to be. */
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
        private final ArrayNode exposes = json.putArray("exposes");

        private Builder() {}

        /** Of 1 to 100 characters, unique among living tunnels. */
        public Builder name(String name) {
            json.put("name", name);
            return this;
        }

        /** Adds a label. */
        public Builder label(String key, String value) {
            json.withObjectProperty("labels").put(key, value);
            return this;
        }

        /** At most 1,000 characters. */
        public Builder comment(String comment) {
            json.put("comment", comment);
            return this;
        }

        /** Adds a public port. */
        public Builder expose(Expose expose) {
            ObjectNode node = exposes.addObject();
            node.put("protocol", expose.protocol().toString()).put("target", expose.target());
            if (expose.port() != 0) {
                node.put("port", expose.port());
            }
            expose.pool().ifPresent(pool -> node.put("pool", pool));
            expose.bind().ifPresent(bind -> node.put("bind", bind));
            return this;
        }

        /** With a bridge port of its own, for stock goproxy clients. */
        public Builder bridge(Bridge bridge) {
            ObjectNode node = json.putObject("bridge").put("tls", bridge.tls()).put("compress", bridge.compress());
            Optional.of(bridge.port()).filter(port -> port != 0).ifPresent(port -> node.put("port", port));
            return this;
        }

        /** How long it lives. Without: until it is deleted. */
        public Builder lease(LeaseSettings lease) {
            json.set("lease", lease.json());
            return this;
        }

        /** What its visitors may do. Without: everything. */
        public Builder policies(PolicySettings policies) {
            json.set("policies", policies.json());
            return this;
        }

        /** What was collected. */
        public NewTunnel build() {
            if (exposes.isEmpty()) {
                throw new IllegalArgumentException("exposes: none (expected: at least one)");
            }
            return new NewTunnel(json.deepCopy());
        }
    }
}
