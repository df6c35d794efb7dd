package io.culvert.client;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.culvert.client.http.Seconds;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Tokens that invite further agents to serve a tunnel, beside the one of its creation. As {@link Tunnels}. Thread-safe. */
public final class JoinTokens {
    private final Api api;

    JoinTokens(Api api) {
        this.api = api;
    }

    /** Those of a tunnel, oldest first, without their secrets. */
    public List<JoinToken> list(long tunnel) throws IOException {
        return api.get(path(tunnel)).answer().list("join_tokens", JoinToken::read);
    }

    /**
     * Makes one.
     *
     * @param ttl how long it can be exchanged, 1 ms to ten years; empty: as long as the tunnel lives
     * @param uses how often, 1 to 100; empty: any number
     */
    public JoinToken.WithJoin create(long tunnel, Optional<Duration> ttl, Optional<Integer> uses) throws IOException {
        ObjectNode body = Api.object();
        ttl.ifPresent(time -> body.put("ttl_seconds", Seconds.of(time)));
        uses.ifPresent(most -> body.put("uses", most));
        return JoinToken.WithJoin.read(api.post(path(tunnel)).body(body).answer());
    }

    /** Ends one, with the credentials that it was exchanged for and their sessions. It stays in the list. */
    public void revoke(long tunnel, String token) throws IOException {
        api.delete(path(tunnel) + "/" + Query.segment(token)).repeatable().done();
    }

    private static String path(long tunnel) {
        return "tunnels/" + tunnel + "/join-tokens";
    }
}
