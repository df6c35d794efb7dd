package io.culvert.control.access;

import io.culvert.control.Caller;
import io.culvert.control.ForbiddenException;
import io.culvert.control.caller.Permission;

/** What a caller must be for what is not one project's own business. No state, any thread. */
final class AccessGate {
    private AccessGate() {}

    /** A key for one tunnel has nothing to do with users, whatever its scopes say. */
    static boolean isAdmin(Caller caller) {
        return caller.grants().admin()
                && caller.grants().anywhere(Permission.ADMIN)
                && caller.grants().onlyTunnel().isEmpty();
    }

    /** @throws ForbiddenException for whoever is no admin */
    static void admin(Caller caller, String what) {
        if (!isAdmin(caller)) {
            throw new ForbiddenException(what + " (expected: an admin)");
        }
    }
}
