package io.culvert.control;

import io.culvert.control.caller.Grants;

/**
 * Who a request comes from, and what it may do. Immutable, any thread.
 *
 * @param name what logs and audit call the caller; never a secret. A user's own name for a login, {@code user/cvk_1a2b3c4d} for a key of
 *     the user's
 * @param owner who has what the caller makes: the user, also where a key of the user's is shown
 * @param grants as they were when the caller came in
 */
public record Caller(String name, String owner, Grants grants) {
    /** Who may do everything: the server itself, and whoever shows a configured key. */
    public static Caller trusted(String name) {
        return new Caller(name, name, Grants.everything());
    }

    /** The same as {@link #trusted}. */
    public Caller(String name) {
        this(name, name, Grants.everything());
    }
}
