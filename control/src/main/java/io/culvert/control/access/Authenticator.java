package io.culvert.control.access;

import io.culvert.control.Access;
import io.culvert.control.Caller;
import io.culvert.control.SecretHash;
import io.culvert.control.ThrottledException;
import io.culvert.control.caller.CallerKind;
import io.culvert.control.caller.Grants;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Says who somebody is, by a look at an immutable snapshot: any thread, never waits. What was revoked, disabled or taken away is gone before the
 * change's stage completes.
 */
public final class Authenticator {
    /** Of the id in a key. */
    static final int ID_LENGTH = 8;

    private static final int SECRET_LENGTH = 43;
    private static final int KEY_LENGTH = ApiKey.MARK.length() + ID_LENGTH + 1 + SECRET_LENGTH;
    /** Configured keys that are shorter may be words, which can be guessed. */
    private static final int UNGUESSABLE = 32;

    private static final int MOST_COOKIE = 100;

    private final Supplier<AccessState> state;
    private final Access configured;
    private final AccessSettings settings;
    private final Throttle throttle;
    private final LastUses keyUses;
    private final LastUses loginUses;
    private final InstantSource clock;

    Authenticator(
            Supplier<AccessState> state,
            Access configured,
            AccessSettings settings,
            Throttle throttle,
            LastUses keyUses,
            LastUses loginUses,
            InstantSource clock) {
        this.state = state;
        this.configured = configured;
        this.settings = settings;
        this.throttle = throttle;
        this.keyUses = keyUses;
        this.loginUses = loginUses;
        this.clock = clock;
    }

    /**
     * Who shows this key; empty where nobody gets in with it. Where the server asks nobody, everyone gets in without one.
     *
     * @param key as the request carries it; null where it carries none
     * @param from the address that failures are counted for
     * @throws ThrottledException where the key was not looked at, or was wrong, after too many wrong ones
     */
    public Optional<Pass> key(@Nullable String key, InetAddress from) {
        if (configured.isOpen()) {
            return configured.authenticate(key).map(open -> pass(CallerKind.OPEN, open));
        }
        if (key == null || key.isBlank()) {
            return Optional.empty();
        }
        String shown = key.strip();
        Optional<StoredKey> stored = shown.length() == KEY_LENGTH && shown.startsWith(ApiKey.MARK)
                ? state.get().key(SecretHash.of(shown))
                : Optional.empty();
        if (stored.isPresent()) {
            // Known, if perhaps dead: no guess, so it is not counted.
            return usersPass(stored.get());
        }
        if (shown.length() < UNGUESSABLE) {
            Duration left = throttle.left(Throttle.Kind.KEY, from);
            if (!left.isZero()) {
                throw new ThrottledException(left);
            }
        }
        Optional<Pass> pass = configured.authenticate(shown).map(caller -> pass(CallerKind.KEY, caller));
        if (pass.isEmpty()) {
            throttle.failed(Throttle.Kind.KEY, from).ifPresent(wait -> {
                throw new ThrottledException(wait);
            });
        }
        return pass;
    }

    /**
     * Whose login this is; empty where it is none that lives. Counts as a use of the login, so that it goes on.
     *
     * @param secret as the cookie carries it
     */
    public Optional<Pass> login(String secret) {
        if (secret.isEmpty() || secret.length() > MOST_COOKIE) {
            return Optional.empty();
        }
        SecretHash hash = SecretHash.of(secret);
        Optional<Entered> entered = living(hash);
        entered.ifPresent(it -> loginUses.note(it.login().id(), clock.instant()));
        return entered.map(it -> new Pass(
                CallerKind.LOGIN,
                caller(it),
                Optional.of(visit(it.login(), it.user(), secret)),
                () -> living(hash).map(this::caller)));
    }

    /** A login and whose it is. */
    record Entered(StoredLogin login, StoredUser user) {}

    /** The login with this secret, where it lives. */
    Optional<Entered> living(SecretHash hash) {
        AccessState known = state.get();
        return known.login(hash)
                .filter(this::lives)
                .flatMap(login -> known.user(login.user())
                        .filter(user -> !user.disabled())
                        .map(user -> new Entered(login, user)));
    }

    /** What a user sees of a login of its own, and may do with it. */
    Visit visit(StoredLogin login, StoredUser user, String secret) {
        return new Visit(
                view(login),
                Secrets.csrf(secret),
                user.mustChange(),
                user.sealedTotp().isPresent());
    }

    Login view(StoredLogin login) {
        return new Login(
                login.id(),
                login.user(),
                login.created(),
                seen(login),
                login.address(),
                login.agent(),
                login.created().plus(settings.longestLogin()));
    }

    /** Whether neither of its two ends has come. */
    boolean lives(StoredLogin login) {
        Instant now = clock.instant();
        return now.isBefore(login.created().plus(settings.longestLogin()))
                && now.isBefore(seen(login).plus(settings.longestIdle()));
    }

    private Instant seen(StoredLogin login) {
        return loginUses.of(login.id()).filter(login.seen()::isBefore).orElse(login.seen());
    }

    private Caller caller(Entered entered) {
        StoredUser user = entered.user();
        Grants grants = user.mustChange() ? Grants.nothing() : state.get().grants(user);
        return new Caller(user.name(), user.name(), grants);
    }

    private Optional<Pass> usersPass(StoredKey stored) {
        String id = stored.key().id();
        Optional<Caller> caller = caller(id);
        caller.ifPresent(it -> keyUses.note(id, clock.instant()));
        return caller.map(it -> new Pass(CallerKind.KEY, it, Optional.empty(), () -> caller(id)));
    }

    /** Whom a key stands for, where it is good for anything at this moment. An id is never given twice while its key is remembered. */
    private Optional<Caller> caller(String id) {
        AccessState known = state.get();
        return known.key(id)
                .map(StoredKey::key)
                .filter(key -> key.revoked().isEmpty())
                .filter(key -> key.expires().isEmpty()
                        || clock.instant().isBefore(key.expires().get()))
                .flatMap(key -> known.user(key.user())
                        .filter(user -> !user.disabled())
                        .map(user -> new Caller(callerName(key), user.name(), cutDown(known.grants(user), key))));
    }

    static String callerName(ApiKey key) {
        return key.user() + "/" + key.prefix();
    }

    private static Grants cutDown(Grants grants, ApiKey key) {
        Grants left = grants.within(key.scopes());
        if (key.project().isPresent()) {
            left = left.within(key.project().get());
        }
        return key.tunnel().isPresent() ? left.within(key.tunnel().getAsLong()) : left;
    }

    private static Pass pass(CallerKind kind, Caller caller) {
        return new Pass(kind, caller, Optional.empty(), () -> Optional.of(caller));
    }
}
