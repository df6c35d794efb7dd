package io.culvert.client;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What visitors of a tunnel may do. Immutable, any thread.
 *
 * @param allow the only addresses that are let in, {@code 192.0.2.0/24}; none: all
 * @param deny addresses that are not let in
 * @param connections bounds on their number
 * @param bytesPerSecond bounds on their speed
 * @param volumeBytes both directions over the tunnel's life; it stops at that byte
 * @param idle the longest time without a byte
 * @param longest the longest life of a connection
 * @param proxyProtocol {@code none}, {@code v1} or {@code v2}: a header that tells targets who their visitors are
 */
public record Policies(
        List<String> allow,
        List<String> deny,
        Connections connections,
        BytesPerSecond bytesPerSecond,
        Optional<Long> volumeBytes,
        Optional<Duration> idle,
        Optional<Duration> longest,
        String proxyProtocol) {
    public Policies {
        allow = List.copyOf(allow);
        deny = List.copyOf(deny);
    }

    /** How many at once, at once from one address, and new ones each second; empty: no bound. */
    public record Connections(Optional<Long> most, Optional<Long> mostPerAddress, Optional<Long> newPerSecond) {
        static Connections read(Answer answer) throws IOException {
            return new Connections(
                    answer.anyNumber("most"), answer.anyNumber("most_per_address"), answer.anyNumber("new_per_second"));
        }
    }

    /** Of the tunnel, from visitors and to them, and of each connection; empty: no bound. */
    public record BytesPerSecond(
            Optional<Long> in, Optional<Long> out, Optional<Long> connectionIn, Optional<Long> connectionOut) {
        static BytesPerSecond read(Answer answer) throws IOException {
            return new BytesPerSecond(
                    answer.anyNumber("in"),
                    answer.anyNumber("out"),
                    answer.anyNumber("connection_in"),
                    answer.anyNumber("connection_out"));
        }
    }

    static Policies read(Answer answer) throws IOException {
        return new Policies(
                answer.object("visitors", visitors -> visitors.texts("allow")),
                answer.object("visitors", visitors -> visitors.texts("deny")),
                answer.object("connections", Connections::read),
                answer.object("bytes_per_second", BytesPerSecond::read),
                answer.anyNumber("volume_bytes"),
                answer.anySeconds("idle_seconds"),
                answer.anySeconds("longest_seconds"),
                answer.text("proxy_protocol"));
    }
}
