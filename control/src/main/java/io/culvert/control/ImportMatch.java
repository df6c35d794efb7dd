package io.culvert.control;

import java.util.List;

/** Whether a tunnel is what an import asks for, so that importing the same file again changes nothing. No state, any thread. */
final class ImportMatch {
    private ImportMatch() {}

    /**
     * True where the targets are the same and every port asked for is held, the bridge's too. A request that names no port has nothing else to be known
     * by than its comment and its time to live, so those count then.
     */
    static boolean fulfils(Tunnel tunnel, CreateTunnel request) {
        List<Expose> held = tunnel.exposes();
        List<Expose> wanted = request.exposes();
        if (held.size() != wanted.size()) {
            return false;
        }
        boolean named = false;
        int wantedBridge = request.bridge().map(Bridge::port).orElse(0);
        if (wantedBridge != 0) {
            named = true;
            if (tunnel.bridge().map(Bridge::port).orElse(0) != wantedBridge) {
                return false;
            }
        }
        for (int i = 0; i < wanted.size(); i++) {
            Expose want = wanted.get(i);
            Expose have = held.get(i);
            if (want.protocol() != have.protocol()
                    || want.targetPort() != have.targetPort()
                    || !want.targetHost().equals(have.targetHost())) {
                return false;
            }
            if (want.port() != 0) {
                named = true;
                if (want.port() != have.port()) {
                    return false;
                }
            }
        }
        return named
                || (tunnel.comment().equals(request.comment())
                        && tunnel.lease().ttl().equals(CreateRules.ttl(request)));
    }
}
