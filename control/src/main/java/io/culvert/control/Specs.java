package io.culvert.control;

import io.culvert.control.lease.LeaseTimes;
import io.culvert.gateway.BridgeSpec;
import io.culvert.gateway.Cidr;
import io.culvert.gateway.Counts;
import io.culvert.gateway.ExposeSpec;
import io.culvert.gateway.PortUnavailableException;
import io.culvert.gateway.ProxyHeader;
import io.culvert.gateway.Rates;
import io.culvert.gateway.Target;
import io.culvert.gateway.TunnelSpec;
import java.util.Optional;

/** Says tunnels in the data plane's words, and its faults in the API's. No state, any thread. */
final class Specs {
    private Specs() {}

    /** A tunnel that is there, on its real ports. */
    static TunnelSpec of(LivingTunnel tunnel) {
        StoredTunnel stored = tunnel.stored();
        return new TunnelSpec(
                stored.id(),
                stored.exposes().stream().map(Specs::of).toList(),
                stored.bridge().map(Specs::of),
                of(stored.policies()),
                of(stored.counted()),
                stored.project(),
                tunnel.shut());
    }

    /** A tunnel that is being made, on ports to try. */
    static TunnelSpec of(Opening opening) {
        return new TunnelSpec(
                opening.id,
                opening.exposes.stream().map(Specs::of).toList(),
                opening.bridge.map(Specs::of),
                of(opening.request.policies()),
                Counts.ZERO,
                opening.project,
                false);
    }

    static io.culvert.gateway.Policies of(Policies policies) {
        return new io.culvert.gateway.Policies(
                policies.allow().stream().map(Cidr::parse).toList(),
                policies.deny().stream().map(Cidr::parse).toList(),
                policies.connections(),
                policies.connectionsPerAddress(),
                policies.newPerSecond(),
                new Rates(policies.bytesPerSecondIn(), policies.bytesPerSecondOut()),
                new Rates(policies.connectionBytesPerSecondIn(), policies.connectionBytesPerSecondOut()),
                policies.volume(),
                policies.idle(),
                policies.longest(),
                switch (policies.proxyProtocol()) {
                    case NONE -> ProxyHeader.NONE;
                    case V1 -> ProxyHeader.V1;
                    case V2 -> ProxyHeader.V2;
                });
    }

    static LeaseTimes times(LeaseTerms terms) {
        return new LeaseTimes(terms.ttl(), terms.grace(), terms.drain(), terms.warnings());
    }

    private static BridgeSpec of(Bridge own) {
        return new BridgeSpec(own.port(), own.tls(), own.compress());
    }

    private static Counts of(StoredCounts counts) {
        return new Counts(
                counts.bytesIn(), counts.bytesOut(), counts.connections(), counts.refused(), counts.datagramsDropped());
    }

    private static ExposeSpec of(Expose expose) {
        io.culvert.gateway.Protocol protocol = switch (expose.protocol()) {
            case TCP -> io.culvert.gateway.Protocol.TCP;
            case UDP -> io.culvert.gateway.Protocol.UDP;
        };
        return new ExposeSpec(
                protocol,
                expose.port(),
                new Target(expose.targetHost(), expose.targetPort()),
                expose.bind(),
                Optional.empty());
    }

    /** The data plane begins with the kind of port that is not to be had; the API calls exposes by the parameter that was given. */
    static String inWordsOfTheApi(PortUnavailableException taken, String portField) {
        String message = String.valueOf(taken.getMessage());
        if (message.startsWith("bridge: ")) {
            return message;
        }
        return portField + ": " + message.replaceFirst("^expose: ", "");
    }
}
