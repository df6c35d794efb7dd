package io.culvert.control;

/**
 * A tunnel that was just created.
 *
 * @param join the token that lets an agent serve this tunnel and nothing else; shown this once, the store keeps its hash
 */
public record CreatedTunnel(Tunnel tunnel, String join) {
    @Override
    public String toString() {
        return "CreatedTunnel[tunnel=" + tunnel + ", join=MASKED]";
    }
}
