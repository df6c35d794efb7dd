package io.culvert.client;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.util.List;
import java.util.Map;

/**
 * What is asked of a webhook. What is not named is the server's default when it is added, and stays as it is in a change. Immutable, any
 * thread; a builder is for one thread.
 */
public final class WebhookSettings {
    private final ObjectNode json;

    private WebhookSettings(ObjectNode json) {
        this.json = json;
    }

    /** Every event, to this address. */
    public static WebhookSettings to(URI url) {
        return builder().url(url).build();
    }

    /** Nothing asked for yet. */
    public static Builder builder() {
        return new Builder();
    }

    ObjectNode json() {
        return json.deepCopy();
    }

    /** Without its secret. */
    @Override
    public String toString() {
        ObjectNode shown = json();
        return (shown.has("secret") ? shown.put("secret", "MASKED") : shown).toString();
    }

    /** Collects what is asked for. */
    public static final class Builder {
        private final ObjectNode json = JsonNodeFactory.instance.objectNode();

        private Builder() {}

        /** Address {@code http} or {@code https}, without a password in it. */
        public Builder url(URI url) {
            json.put("url", url.toString());
            return this;
        }

        /** Signs what is sent, 16 to 256 visible ASCII characters; without, the server makes one. */
        public Builder secret(String secret) {
            json.put("secret", secret);
            return this;
        }

        /** Of events; none: every kind. */
        public Builder kinds(List<String> kinds) {
            ArrayNode array = json.putArray("kinds");
            kinds.forEach(array::add);
            return this;
        }

        /** What the tunnel must carry. */
        public Builder labels(Map<String, String> labels) {
            ObjectNode object = json.putObject("labels");
            labels.forEach(object::put);
            return this;
        }

        /** Of this tunnel only. */
        public Builder tunnel(long id) {
            json.put("tunnel", id);
            return this;
        }

        /** Of any tunnel. */
        public Builder anyTunnel() {
            json.putNull("tunnel");
            return this;
        }

        /** False: it is told of nothing for the moment. */
        public Builder active(boolean active) {
            json.put("active", active);
            return this;
        }

        /** What was collected. */
        public WebhookSettings build() {
            return new WebhookSettings(json.deepCopy());
        }
    }
}
