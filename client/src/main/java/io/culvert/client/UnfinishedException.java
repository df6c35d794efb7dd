package io.culvert.client;

import java.io.IOException;
import java.util.List;

/**
 * Many went to the server in several requests, and one behind the first failed. What became of those in that request is not known, unless
 * the server refused it; those behind it were not sent. The cause is what a single request would have thrown: a
 * {@link CulvertApiException} where the server refused, else an {@link IOException}. Immutable, any thread.
 */
public final class UnfinishedException extends IOException {
    private final transient List<Outcome<CreatedTunnel>> created;
    private final transient List<Outcome<Tunnel>> outcomes;

    private UnfinishedException(
            List<Outcome<CreatedTunnel>> created, List<Outcome<Tunnel>> outcomes, int all, Exception cause) {
        super(
                (created.size() + outcomes.size()) + " of " + all + " were answered, and then: " + cause.getMessage(),
                cause);
        this.created = List.copyOf(created);
        this.outcomes = List.copyOf(outcomes);
    }

    static UnfinishedException ofCreations(List<Outcome<CreatedTunnel>> created, int all, Exception cause) {
        return new UnfinishedException(created, List.of(), all, cause);
    }

    static UnfinishedException of(List<Outcome<Tunnel>> outcomes, int all, Exception cause) {
        return new UnfinishedException(List.of(), outcomes, all, cause);
    }

    /** Those before it of {@link Tunnels#createAll}, with their tokens, in the order of the requests; empty for any other call. */
    public List<Outcome<CreatedTunnel>> created() {
        return created;
    }

    /** Those before it of any other call, in the order of the numbers. */
    public List<Outcome<Tunnel>> outcomes() {
        return outcomes;
    }
}
