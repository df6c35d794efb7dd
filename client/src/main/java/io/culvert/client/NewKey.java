package io.culvert.client;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;

/** What is asked of a new key. Immutable, any thread; a builder is for one thread. */
public final class NewKey {
    private final ObjectNode json;

    private NewKey(ObjectNode json) {
        this.json = json;
    }

    /**
     * A key that leaves these.
     *
     * @param scopes permissions, at least one
     */
    public static Builder of(List<String> scopes) {
        return new Builder(scopes);
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

        private Builder(List<String> scopes) {
            ArrayNode array = json.putArray("scopes");
            scopes.forEach(array::add);
        }

        /** What people call it, at most 200 characters. */
        public Builder title(String title) {
            json.put("title", title);
            return this;
        }

        /** Acts for this user; for the caller unless said. */
        public Builder user(String user) {
            json.put("user", user);
            return this;
        }

        /** Good in this project only. */
        public Builder project(String project) {
            json.put("project", project);
            return this;
        }

        /** Good for this tunnel only, which is in the {@link #project} that is named. */
        public Builder tunnel(long id) {
            json.put("tunnel", id);
            return this;
        }

        /** Good until then. */
        public Builder expiresAt(Instant end) {
            json.put("expires_at", end.toString());
            return this;
        }

        /** What was collected. */
        public NewKey build() {
            return new NewKey(json.deepCopy());
        }
    }
}
