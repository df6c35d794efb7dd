package io.culvert.control;

import io.culvert.control.caller.Grants;

/**
 * Who a request comes from, and what it may do. Immutable, any thread.
 *
 * @param name what logs and audit call the caller; never a secret. A user's own name for a login, {@code user/cvk_1a2b3c4d} for a key of
 *     the user's
 * @param owner who has what the caller makes: the user, also where a key of the user's is shown; never blank, or what nobody made would be
 *     its own
 * @param grants as they were when the caller came in; nothing else is done for it
 */
public record Caller(String name, String owner, Grants grants) {
    public Caller {
        if (name.isBlank() || owner.isBlank()) {
            throw new IllegalArgumentException("caller: '" + name + "' of '" + owner + "' (expected: two names)");
        }
    }

    /** Who may do everything: the server itself, and whoever shows a configured key. */
    public static Caller trusted(String name) {
        return new Caller(name, name, Grants.everything());
    }

    /** Who may do nothing at all. */
    public static Caller nobody() {
        return new Caller("anybody", "anybody", Grants.nothing());
    }
}
