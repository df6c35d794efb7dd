package io.culvert.web.v1;

import io.culvert.control.Tunnel;
import io.culvert.control.TunnelPatch;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Lays a merge patch (RFC 7396) over a tunnel. Stateless, any thread. */
final class TunnelMerge {
    /** Changes nothing. */
    static final TunnelPatch NOTHING =
            new TunnelPatch(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    private TunnelMerge() {}

    /** What is to be changed of the tunnel as it was seen. */
    static TunnelPatch patch(Tunnel seen, JsonObject patch) {
        return new TunnelPatch(
                part(patch, "name").map(said -> orBlank(said.getString("name"))),
                part(patch, "labels").map(said -> labels(seen, said.getJsonObject("labels"))),
                part(patch, "comment").map(said -> orBlank(said.getString("comment"))),
                part(patch, "lease")
                        .map(said -> TunnelReader.lease(merged(
                                TunnelDocument.terms(seen.lease().terms()),
                                withoutIdleDrain(said.getJsonObject("lease"))))),
                part(patch, "policies")
                        .map(said -> TunnelReader.policies(
                                merged(TunnelDocument.policies(seen.policies()), said.getJsonObject("policies")))));
    }

    private static Optional<JsonObject> part(JsonObject patch, String field) {
        return patch.containsKey(field) ? Optional.of(patch) : Optional.empty();
    }

    private static String orBlank(@Nullable String text) {
        return text == null ? "" : text;
    }

    private static Map<String, String> labels(Tunnel seen, JsonObject patch) {
        Map<String, String> labels = new HashMap<>(seen.labels());
        for (String name : patch.fieldNames()) {
            @Nullable String value = patch.getString(name);
            if (value == null) {
                labels.remove(name);
            } else {
                labels.put(name, value);
            }
        }
        return labels;
    }

    /** Who goes back from drain to cut need not say that the time for it goes, too. */
    private static JsonObject withoutIdleDrain(JsonObject lease) {
        @Nullable JsonObject onExpiry = lease.getJsonObject("on_expiry");
        if (onExpiry == null || !"cut".equals(onExpiry.getString("action")) || onExpiry.containsKey("drain_seconds")) {
            return lease;
        }
        return lease.copy().put("on_expiry", onExpiry.copy().put("drain_seconds", null));
    }

    private static JsonObject merged(JsonObject target, JsonObject patch) {
        for (String name : patch.fieldNames()) {
            @Nullable Object value = patch.getValue(name);
            if (value instanceof JsonObject inner && target.getValue(name) instanceof JsonObject there) {
                target.put(name, merged(there, inner));
            } else {
                target.put(name, value);
            }
        }
        return target;
    }
}
