package io.culvert.control;

import io.culvert.control.caller.Grants;
import io.culvert.control.caller.Permission;
import io.culvert.control.caller.Verdict;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Looks at tunnels with a caller's eyes: the one place that turns a verdict into what is found. No state, any thread. */
final class Sight {
    private Sight() {}

    /**
     * Whether the caller may do this to a tunnel; false where it may not know of it.
     *
     * @throws ForbiddenException where it may know of it, and may not do this
     */
    static boolean may(Caller caller, Permission permission, long id, String project, String owner) {
        Verdict verdict = caller.grants().onTunnel(permission, id, project, owner);
        if (verdict == Verdict.REFUSED) {
            throw new ForbiddenException(permission.word() + ": not granted for tunnel " + id);
        }
        return verdict == Verdict.ALLOWED;
    }

    /** Those that the caller may see, in the same order. */
    static List<Tunnel> of(Caller caller, Collection<Tunnel> tunnels) {
        Grants grants = caller.grants();
        List<Tunnel> seen = new ArrayList<>(tunnels.size());
        for (Tunnel tunnel : tunnels) {
            if (sees(grants, tunnel)) {
                seen.add(tunnel);
            }
        }
        return seen;
    }

    static boolean sees(Grants grants, Tunnel tunnel) {
        return grants.onTunnel(Permission.TUNNELS_READ, tunnel.id(), tunnel.project(), tunnel.owner())
                == Verdict.ALLOWED;
    }
}
