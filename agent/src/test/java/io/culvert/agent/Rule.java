package io.culvert.agent;

import io.culvert.gateway.Cidr;
import io.culvert.gateway.Policies;
import io.culvert.gateway.ProxyHeader;
import io.culvert.gateway.Rates;
import java.time.Duration;
import java.util.List;

/** Policies of which all but one say nothing. */
final class Rule {
    private static final Policies NONE = Policies.NONE;

    private Rule() {}

    static Policies allow(String... blocks) {
        return addresses(blocks(blocks), List.of());
    }

    static Policies deny(String... blocks) {
        return addresses(List.of(), blocks(blocks));
    }

    private static List<Cidr> blocks(String... blocks) {
        return List.of(blocks).stream().map(Cidr::parse).toList();
    }

    private static Policies addresses(List<Cidr> allow, List<Cidr> deny) {
        return new Policies(
                allow,
                deny,
                0,
                0,
                0,
                Rates.UNBOUNDED,
                Rates.UNBOUNDED,
                0,
                Duration.ZERO,
                Duration.ZERO,
                ProxyHeader.NONE);
    }

    static Policies connections(int all, int perAddress, int newPerSecond) {
        return new Policies(
                List.of(),
                List.of(),
                all,
                perAddress,
                newPerSecond,
                NONE.tunnel(),
                NONE.connection(),
                0,
                Duration.ZERO,
                Duration.ZERO,
                ProxyHeader.NONE);
    }

    static Policies rates(Rates tunnel, Rates connection) {
        return new Policies(
                List.of(), List.of(), 0, 0, 0, tunnel, connection, 0, Duration.ZERO, Duration.ZERO, ProxyHeader.NONE);
    }

    static Policies volume(long bytes) {
        return new Policies(
                List.of(),
                List.of(),
                0,
                0,
                0,
                Rates.UNBOUNDED,
                Rates.UNBOUNDED,
                bytes,
                Duration.ZERO,
                Duration.ZERO,
                ProxyHeader.NONE);
    }

    static Policies times(Duration idle, Duration longest) {
        return new Policies(
                List.of(), List.of(), 0, 0, 0, Rates.UNBOUNDED, Rates.UNBOUNDED, 0, idle, longest, ProxyHeader.NONE);
    }

    static Policies header(ProxyHeader header) {
        return new Policies(
                List.of(),
                List.of(),
                0,
                0,
                0,
                Rates.UNBOUNDED,
                Rates.UNBOUNDED,
                0,
                Duration.ZERO,
                Duration.ZERO,
                header);
    }
}
