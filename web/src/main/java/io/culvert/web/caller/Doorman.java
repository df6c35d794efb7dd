package io.culvert.web.caller;

import io.culvert.control.Access;
import io.culvert.control.access.Authenticator;
import io.culvert.control.caller.CallerKind;
import java.net.InetAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Says who shows a credential. Any thread; never waits. */
public interface Doorman {
    /** True where nobody is asked. */
    boolean isOpen();

    /**
     * Who shows this key; empty where nobody gets in with it.
     *
     * @param key null where none is shown
     * @throws io.culvert.control.ThrottledException after too many wrong ones from there
     */
    Optional<Guest> key(@Nullable String key, InetAddress from);

    /** Whose login this is; empty where it is none that lives. */
    Optional<Guest> login(String secret, InetAddress from);

    /** Knows the keys of the configuration, and no users. */
    static Doorman of(Access access) {
        return new Doorman() {
            @Override
            public boolean isOpen() {
                return access.isOpen();
            }

            @Override
            public Optional<Guest> key(@Nullable String key, InetAddress from) {
                CallerKind kind = access.isOpen() ? CallerKind.OPEN : CallerKind.KEY;
                return access.authenticate(key)
                        .map(caller -> new Guest(kind, caller, Optional.empty(), () -> Optional.of(caller), from));
            }

            @Override
            public Optional<Guest> login(String secret, InetAddress from) {
                return Optional.empty();
            }
        };
    }

    /**
     * Knows users with their keys and logins as well.
     *
     * @param open true where nobody is asked
     */
    static Doorman of(Authenticator authenticator, boolean open) {
        return new Doorman() {
            @Override
            public boolean isOpen() {
                return open;
            }

            @Override
            public Optional<Guest> key(@Nullable String key, InetAddress from) {
                return authenticator.key(key, from).map(pass -> Guest.of(pass, from));
            }

            @Override
            public Optional<Guest> login(String secret, InetAddress from) {
                return authenticator.login(secret).map(pass -> Guest.of(pass, from));
            }
        };
    }
}
