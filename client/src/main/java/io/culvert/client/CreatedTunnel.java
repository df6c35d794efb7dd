package io.culvert.client;

import java.io.IOException;
import java.util.Optional;

/**
 * A tunnel with the token for its agents. Immutable, any thread.
 *
 * @param tunnel its document holds the token, too
 * @param join lets an agent serve this tunnel and nothing else: a secret, told this once. Empty where a repeated request finds a tunnel
 *     that has ended
 */
public record CreatedTunnel(Tunnel tunnel, Optional<String> join) {
    static CreatedTunnel read(Answer answer) throws IOException {
        return new CreatedTunnel(Tunnel.read(answer), answer.anyText("join"));
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "CreatedTunnel[tunnel=" + tunnel + ", join=" + (join.isPresent() ? "MASKED" : "none") + "]";
    }
}
