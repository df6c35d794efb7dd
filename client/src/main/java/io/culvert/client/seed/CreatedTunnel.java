package io.culvert.client.seed;

/**
 * A tunnel that was just created. Immutable, any thread.
 *
 * @param join the token that lets an agent serve this tunnel and nothing else: a secret, told this once
 */
public record CreatedTunnel(Tunnel tunnel, String join) {
    @Override
    public String toString() {
        return "CreatedTunnel[tunnel=" + tunnel + ", join=MASKED]";
    }
}
