package io.culvert.client;

import java.io.IOException;

/**
 * A bridge port of a tunnel's own, for stock goproxy clients. Immutable, any thread.
 *
 * @param port 1 to 65535; 0 in a request: a free one
 * @param tls false for bare TCP, where whoever reaches the port serves the tunnel
 * @param compress true where the agents run with {@code -c}
 */
public record Bridge(int port, boolean tls, boolean compress) {
    static Bridge read(Answer answer) throws IOException {
        return new Bridge(answer.count("port"), answer.truth("tls"), answer.truth("compress"));
    }
}
