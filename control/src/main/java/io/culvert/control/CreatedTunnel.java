package io.culvert.control;

/**
 * A tunnel that was just created, or is found again by its idempotency key. Immutable, any thread.
 *
 * @param join the token that lets an agent serve this tunnel and nothing else; the store keeps its hash. Empty where the tunnel has ended meanwhile
 * @param replayed true where an earlier request with the same key created it
 */
public record CreatedTunnel(Tunnel tunnel, String join, boolean replayed) {
    /** A new one. */
    public CreatedTunnel(Tunnel tunnel, String join) {
        this(tunnel, join, false);
    }

    @Override
    public String toString() {
        return "CreatedTunnel[tunnel=" + tunnel + ", join=MASKED, replayed=" + replayed + "]";
    }
}
