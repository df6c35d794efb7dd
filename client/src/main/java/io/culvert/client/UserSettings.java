package io.culvert.client;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What is asked of a user. What is not named is the server's default when one is made, and stays as it is in a change. Immutable, any thread;
 * a builder is for one thread.
 */
public final class UserSettings {
    private final ObjectNode json;

    private UserSettings(ObjectNode json) {
        this.json = json;
    }

    /** Nothing asked for yet. */
    public static Builder builder() {
        return new Builder();
    }

    ObjectNode json() {
        return json.deepCopy();
    }

    /** Without the password. */
    @Override
    public String toString() {
        ObjectNode shown = json();
        return (shown.has("password") ? shown.put("password", "MASKED") : shown).toString();
    }

    /** Collects what is asked for. */
    public static final class Builder {
        private final ObjectNode json = JsonNodeFactory.instance.objectNode();

        private Builder() {}

        /** What people call the user, at most 200 characters. */
        public Builder title(String title) {
            json.put("title", title);
            return this;
        }

        /** May do everything everywhere. */
        public Builder admin(boolean admin) {
            json.put("admin", admin);
            return this;
        }

        /** Of a change only: neither signs in nor has keys that work. */
        public Builder disabled(boolean disabled) {
            json.put("disabled", disabled);
            return this;
        }

        /** 12 to 1,000 characters, to be changed at the next login; a new user without one is given one. */
        public Builder password(String password) {
            json.put("password", password);
            return this;
        }

        /** Of a change only: for a user who has lost it. */
        public Builder withoutSecondFactor() {
            json.put("drop_second_factor", true);
            return this;
        }

        /** What was collected. */
        public UserSettings build() {
            return new UserSettings(json.deepCopy());
        }
    }
}
