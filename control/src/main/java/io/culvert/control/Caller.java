package io.culvert.control;

import io.culvert.control.caller.Grants;
import java.util.Objects;

/**
 * Who a request comes from, and what it may do: as it was when it came in. Immutable, any thread.
 *
 * @param name what logs, events and the audit call the caller; never a secret
 * @param owner what its tunnels have as owner: a key acts for its user, so all keys of a user have one owner
 * @param grants all that it may do; nothing else is done for it
 */
public record Caller(String name, String owner, Grants grants) {
    /** What they may be called: one of a name makes nothing its own. */
    public Caller {
        Objects.requireNonNull(grants);
        if (name.isBlank() || owner.isBlank()) {
            throw new IllegalArgumentException("caller: '" + name + "' of '" + owner + "' (expected: two names)");
        }
    }

    /** One that may do everything: the server itself, and whoever shows a key of its configuration. */
    public static Caller trusted(String name) {
        return new Caller(name, name, Grants.everything());
    }

    /** One that may do nothing at all. */
    public static Caller nobody() {
        return new Caller("anybody", "anybody", Grants.nothing());
    }
}
