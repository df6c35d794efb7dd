package io.culvert.control.access;

import io.culvert.control.ConflictException;
import io.culvert.control.ForbiddenException;
import io.culvert.control.NotFoundException;
import io.culvert.control.SecondFactorException;
import io.culvert.control.UnauthorizedException;
import java.net.UnknownHostException;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Signing in, and what a user does with its own login; stages as in {@link Users}. Any thread. */
public final class Logins {
    private static final Logger log = LoggerFactory.getLogger(Logins.class);

    private final AccessBook book;
    private final Argon2 argon;
    private final SecondFactors factors;
    private final Throttle throttle;
    private final Authenticator authenticator;
    private final LoginOpener opener;
    private final InstantSource clock;

    Logins(
            AccessBook book,
            Argon2 argon,
            SecondFactors factors,
            Throttle throttle,
            Authenticator authenticator,
            LoginOpener opener,
            InstantSource clock) {
        this.book = book;
        this.argon = argon;
        this.factors = factors;
        this.throttle = throttle;
        this.authenticator = authenticator;
        this.opener = opener;
        this.clock = clock;
    }

    /** Whether somebody is called so; for the audit alone, no answer may depend on it. */
    public boolean isUser(String name) {
        return book.now().user(name).isPresent();
    }

    /** What somebody is called here for whom an identity provider vouches, or would be; for the audit. */
    public String nameOf(ExternalUser user) {
        return book.now().bySubject(user.subject()).map(StoredUser::name).orElse(user.name());
    }

    /**
     * Lets a user in. An unknown user, a disabled one and a wrong password cost the same time and are told in the same words.
     *
     * @return fails with {@link UnauthorizedException}, {@link SecondFactorException} (the password was right, a code is missing or
     *     wrong) or {@link io.culvert.control.ThrottledException}
     */
    public CompletionStage<SignedIn> signIn(Credentials shown, Origin from) {
        String user = AccessRules.isUserName(shown.user()) ? shown.user() : "";
        return Users.checked(() -> {
            throttle.check(user, from.address());
            return book.hash(throttle.knows(user, from.address()), () -> {
                // Once more: of many at the same moment, those behind the first ones know by now that these were wrong.
                throttle.check(user, from.address());
                return opener.open(entered(user, shown, from), from);
            });
        });
    }

    private StoredUser entered(String name, Credentials shown, Origin from) {
        Optional<StoredUser> known = book.now().user(name).filter(user -> !user.disabled());
        boolean right = argon.matches(shown.password(), known.flatMap(StoredUser::password));
        if (!right || known.isEmpty()) {
            throttle.failed(name, from.address());
            throw new UnauthorizedException();
        }
        StoredUser user = withFactor(known.get(), shown.code().filter(code -> !code.isBlank()), from);
        throttle.succeeded(name, from.address());
        // A hash of before is made anew as passwords are hashed now.
        return user.password()
                .filter(argon::outdated)
                .map(old -> user.withPassword(argon.hash(shown.password()), user.mustChange()))
                .orElse(user);
    }

    private StoredUser withFactor(StoredUser user, Optional<String> code, Origin from) {
        if (user.sealedTotp().isEmpty()) {
            return user;
        }
        if (code.isEmpty()) {
            throw SecondFactorException.missing();
        }
        return used(user, code.get(), from);
    }

    /** The user after the code was used; counts one that is wrong. */
    private StoredUser used(StoredUser user, String code, Origin from) {
        return factors.use(user, code, clock.instant()).orElseThrow(() -> {
            throttle.failed(user.name(), from.address());
            return SecondFactorException.wrong();
        });
    }

    /**
     * Lets in whom an identity provider vouches for; makes the user at the first time, and gives it the roles that its groups have now.
     *
     * @return fails with {@link UnauthorizedException} for a disabled user, {@link ConflictException}
     *     where the name is another user's, {@link ForbiddenException} for whom its groups make nothing here: then it loses what it had
     */
    public CompletionStage<SignedIn> signIn(ExternalUser user, Origin from) {
        return Users.checked(() -> book.change(() -> opener.open(user, from)));
    }

    /** The logins of the same user, newest first. */
    public List<Login> list(Visit visit) {
        return book.now()
                .loginsOf(living(visit).name())
                .filter(authenticator::lives)
                .map(authenticator::view)
                .sorted(Comparator.comparing(Login::created).reversed().thenComparing(Login::id))
                .toList();
    }

    /** Ends one of the same user's logins, this one or another. */
    public CompletionStage<Void> end(Visit visit, String id) {
        return change(visit, user -> {
            StoredLogin login = book.now()
                    .loginsOf(user.name())
                    .filter(it -> it.id().equals(id))
                    .findFirst()
                    .orElseThrow(() -> new NotFoundException("login", id));
            book.apply(new AccessChanges().goneLogin(login.id()));
            return null;
        });
    }

    /**
     * Changes the password; all other logins of the user end.
     *
     * @return fails with {@link UnauthorizedException} where the old one is wrong,
     *     {@link io.culvert.control.InvalidRequestException} where the new one is bad, {@link io.culvert.control.ThrottledException}
     */
    public CompletionStage<Void> changePassword(Visit visit, String old, String fresh, Origin from) {
        return Users.checked(() -> {
            String name = living(visit).name();
            AccessRules.checkPassword("new", name, fresh);
            if (fresh.equals(old)) {
                throw new ConflictException("password: the new one is the old one");
            }
            throttle.check(name, from.address());
            return book.hash(true, () -> {
                throttle.check(name, from.address());
                StoredUser user = living(visit);
                if (user.password().isEmpty()) {
                    throw new ConflictException(
                            "user: '" + name + "' signs in with an identity provider and has no password");
                }
                if (!argon.matches(old, user.password())) {
                    throttle.failed(name, from.address());
                    throw new UnauthorizedException("old password: not the right one");
                }
                AccessChanges changes = new AccessChanges().put(user.withPassword(argon.hash(fresh), false));
                book.now()
                        .loginsOf(name)
                        .filter(login -> !login.id().equals(visit.login().id()))
                        .forEach(login -> changes.goneLogin(login.id()));
                book.apply(changes);
                return null;
            });
        });
    }

    /** Makes a second factor, which is none before it was confirmed. A conflict where there is one. */
    public CompletionStage<SecondFactor> beginSecondFactor(Visit visit) {
        return change(visit, user -> {
            hasChangedPassword(user);
            if (user.sealedTotp().isPresent()) {
                throw new ConflictException("second factor: there is one already");
            }
            if (user.password().isEmpty()) {
                throw new ConflictException("second factor: the identity provider asks for it, or does not");
            }
            return factors.begin(user.name(), clock.instant());
        });
    }

    /**
     * Confirms it with a code.
     *
     * @return ten recovery codes, told only here, each good once in place of a code
     */
    public CompletionStage<List<String>> confirmSecondFactor(Visit visit, String code, Origin from) {
        return change(visit, user -> {
            hasChangedPassword(user);
            throttle.check(user.name(), from.address());
            if (user.sealedTotp().isPresent()) {
                throw new ConflictException("second factor: there is one already");
            }
            StoredUser confirmed = factors.confirm(user, code, clock.instant()).orElseThrow(() -> {
                throttle.failed(user.name(), from.address());
                return SecondFactorException.wrong();
            });
            return withFreshCodes(confirmed);
        });
    }

    /** Ten new recovery codes in place of the old ones, for a code. */
    public CompletionStage<List<String>> renewRecoveryCodes(Visit visit, String code, Origin from) {
        return change(visit, user -> withFreshCodes(proved(user, code, from)));
    }

    /** Goes back to the password alone, for a code or a recovery code. */
    public CompletionStage<Void> removeSecondFactor(Visit visit, String code, Origin from) {
        return change(visit, user -> {
            StoredUser proved = proved(user, code, from);
            book.apply(new AccessChanges().put(proved.withSecondFactor(Optional.empty(), proved.totpStep(), Set.of())));
            return null;
        });
    }

    private StoredUser proved(StoredUser user, String code, Origin from) {
        hasChangedPassword(user);
        if (user.sealedTotp().isEmpty()) {
            throw new ConflictException("second factor: there is none");
        }
        throttle.check(user.name(), from.address());
        return used(user, code, from);
    }

    private List<String> withFreshCodes(StoredUser user) {
        List<String> codes = factors.recoveryCodes();
        book.apply(new AccessChanges().put(factors.withRecoveryCodes(user, codes)));
        return codes;
    }

    private static void hasChangedPassword(StoredUser user) {
        if (user.mustChange()) {
            throw new ForbiddenException("second factor (expected: a changed password first)");
        }
    }

    /** What is done for a login that lives still when its turn comes. */
    private <T> CompletionStage<T> change(Visit visit, Function<StoredUser, T> work) {
        return Users.checked(() -> {
            Supplier<T> later = () -> work.apply(living(visit));
            return book.change(later);
        });
    }

    /** Whose login it is; it may have ended since it was shown. */
    private StoredUser living(Visit visit) {
        return book.now()
                .loginsOf(visit.login().user())
                .filter(login -> login.id().equals(visit.login().id()))
                .filter(authenticator::lives)
                .findFirst()
                .flatMap(login -> book.now().user(login.user()))
                .filter(user -> !user.disabled())
                .orElseThrow(() -> new UnauthorizedException("login: has ended"));
    }

    /** Lets go of logins that have ended. By what runs on {@code culvert-access} only. */
    void prune(AccessChanges changes) {
        book.now()
                .logins()
                .filter(login -> !authenticator.lives(login))
                .forEach(login -> changes.goneLogin(login.id()));
    }

    /** Where accounts have come in from lately, for the throttle. */
    void remember() {
        for (StoredLogin login : book.now().logins().toList()) {
            try {
                throttle.remember(login.user(), Place.ofText(login.address()));
            } catch (UnknownHostException e) {
                log.warn("login {}: {}", login.id(), e.getMessage());
            }
        }
    }
}
