package io.culvert.control;

import io.culvert.gateway.BridgeSpec;
import io.culvert.gateway.ExposeSpec;
import io.culvert.gateway.PortUnavailableException;
import io.culvert.gateway.Target;
import io.culvert.gateway.TunnelSpec;
import java.util.List;
import java.util.Optional;

/** Says tunnels in the data plane's words, and its faults in the API's. No state, any thread. */
final class Specs {
    private Specs() {}

    static TunnelSpec of(long id, List<Expose> exposes, Optional<Bridge> bridge) {
        return new TunnelSpec(
                id,
                exposes.stream().map(Specs::of).toList(),
                bridge.map(own -> new BridgeSpec(own.port(), own.tls(), own.compress())));
    }

    private static ExposeSpec of(Expose expose) {
        io.culvert.gateway.Protocol protocol = switch (expose.protocol()) {
            case TCP -> io.culvert.gateway.Protocol.TCP;
            case UDP -> io.culvert.gateway.Protocol.UDP;
        };
        return new ExposeSpec(protocol, expose.port(), new Target(expose.targetHost(), expose.targetPort()));
    }

    /** The data plane begins with the kind of port that is not to be had; the API calls exposes by the parameter that was given. */
    static String inWordsOfTheApi(PortUnavailableException taken, CreateTunnel request) {
        String message = String.valueOf(taken.getMessage());
        if (message.startsWith(CreateRules.BRIDGE + ": ")) {
            return message;
        }
        return CreateRules.portField(request) + ": " + message.replaceFirst("^expose: ", "");
    }
}
