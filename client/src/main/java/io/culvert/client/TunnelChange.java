package io.culvert.client;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** A change of a tunnel: what is not named stays as it is. Immutable, any thread; a builder is for one thread. */
public final class TunnelChange {
    private final ObjectNode json;

    private TunnelChange(ObjectNode json) {
        this.json = json;
    }

    /** Nothing changed yet; something has to be. */
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

    /** Collects what is changed. */
    public static final class Builder {
        private final ObjectNode json = JsonNodeFactory.instance.objectNode();

        private Builder() {}

        /** Another name. */
        public Builder name(String name) {
            json.put("name", name);
            return this;
        }

        /** No name any more. */
        public Builder withoutName() {
            json.putNull("name");
            return this;
        }

        /** A label, new or with another value; the others stay. */
        public Builder label(String key, String value) {
            json.withObjectProperty("labels").put(key, value);
            return this;
        }

        /** A label less. */
        public Builder withoutLabel(String key) {
            json.withObjectProperty("labels").putNull(key);
            return this;
        }

        /** Another comment. */
        public Builder comment(String comment) {
            json.put("comment", comment);
            return this;
        }

        /** Other terms of its lease. Does not renew it. */
        public Builder lease(LeaseSettings lease) {
            json.set("lease", lease.json());
            return this;
        }

        /** Other policies, at once, on connections that are open too. */
        public Builder policies(PolicySettings policies) {
            json.set("policies", policies.json());
            return this;
        }

        /** What was collected. */
        public TunnelChange build() {
            if (json.isEmpty()) {
                throw new IllegalArgumentException("change: nothing (expected: something to change)");
            }
            return new TunnelChange(json.deepCopy());
        }
    }
}
