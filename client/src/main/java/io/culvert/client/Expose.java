package io.culvert.client;

import java.io.IOException;
import java.util.Optional;

/**
 * One public port of a tunnel and where it leads. Immutable, any thread.
 *
 * @param target {@code host:port}, dialled by the agent inside its own network
 * @param port the public port, 1 to 65535; 0 in a request and in a plan: a free one
 * @param pool where a free port is picked; empty for the server's default
 * @param bind the local address that the server listens on; empty for the server's choice
 */
public record Expose(Protocol protocol, String target, int port, Optional<String> pool, Optional<String> bind) {
    /** A TCP port, any free one. */
    public static Expose tcp(String target) {
        return new Expose(Protocol.TCP, target, 0, Optional.empty(), Optional.empty());
    }

    /** A UDP port, any free one. */
    public static Expose udp(String target) {
        return new Expose(Protocol.UDP, target, 0, Optional.empty(), Optional.empty());
    }

    /** On this port, 1 to 65535; 0: any free one. */
    public Expose onPort(int wanted) {
        return new Expose(protocol, target, wanted, pool, bind);
    }

    /** With a free port of this pool. */
    public Expose fromPool(String name) {
        return new Expose(protocol, target, port, Optional.of(name), bind);
    }

    /** Listening on this address of the server alone. */
    public Expose boundTo(String address) {
        return new Expose(protocol, target, port, pool, Optional.of(address));
    }

    static Expose read(Answer answer) throws IOException {
        return new Expose(
                Protocol.of(answer.text("protocol")),
                answer.text("target"),
                answer.count("port"),
                answer.anyText("pool"),
                answer.anyText("bind"));
    }
}
