package io.culvert.client;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a request would create. Immutable, any thread. */
public record TunnelPlan(
        Optional<String> name,
        Map<String, String> labels,
        String comment,
        String owner,
        List<Expose> exposes,
        Optional<Bridge> bridge,
        Lease lease,
        Policies policies,
        Document document) {
    public TunnelPlan {
        labels = Map.copyOf(labels);
        exposes = List.copyOf(exposes);
    }

    static TunnelPlan read(Answer answer) throws IOException {
        return new TunnelPlan(
                answer.anyText("name"),
                answer.map("labels"),
                answer.text("comment"),
                answer.text("owner"),
                answer.list("exposes", Expose::read),
                answer.anyObject("bridge", Bridge::read),
                answer.object("lease", Lease::read),
                answer.object("policies", Policies::read),
                answer.document());
    }
}
