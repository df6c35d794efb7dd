package io.culvert.control.access;

import java.net.InetAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Says who somebody is, by a look at an immutable snapshot: any thread, never waits. What was revoked, disabled or taken away is gone before the
 * change's stage completes.
 */
@SuppressWarnings("DoNotCallSuggester") // the face first: nothing is behind it yet
public final class Authenticator {
    Authenticator() {}

    /**
     * Who shows this key; empty where nobody gets in with it. Where the server asks nobody, everyone gets in without one.
     *
     * @param key as the request carries it; null where it carries none
     * @param from the address that failures are counted for
     * @throws io.culvert.control.ThrottledException where the key was not looked at, or was wrong, after too many wrong ones
     */
    public Optional<Pass> key(@Nullable String key, InetAddress from) {
        throw new UnsupportedOperationException();
    }

    /**
     * Whose login this is; empty where it is none that lives. Counts as a use of the login, so that it goes on.
     *
     * @param secret as the cookie carries it
     */
    public Optional<Pass> login(String secret) {
        throw new UnsupportedOperationException();
    }
}
