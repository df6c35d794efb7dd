package io.culvert.control.access;

import io.culvert.control.Access;
import io.culvert.control.Ticker;
import io.culvert.control.audit.AuditEntry;
import io.culvert.control.audit.AuditLog;
import io.culvert.control.caller.CallerKind;
import io.culvert.control.hook.SecretBox;
import io.culvert.control.ledger.Duty;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may come in and what they may do: holds the parts together. Changes are made by one thread, {@code culvert-access}, one after the other: the
 * store first, then the snapshot that everybody reads, then the caller is told. Passwords are hashed there too, one at a time, and changes go
 * before them. Any thread, but for the methods of {@link Duty}, which write down when keys and logins were last used.
 */
public final class AccessService implements Duty, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(AccessService.class);
    private static final Duration PRUNE_EVERY = Duration.ofHours(1);
    /** How long a key is shown that is worth nothing any more. */
    private static final Duration DEAD_KEY = Duration.ofDays(30);

    private static final String FIRST_ADMIN = "admin";

    private final AccessStore store;
    private final AuditLog audit;
    private final InstantSource clock;
    private final AccessThread thread = new AccessThread();
    private final LastUses keyUses = new LastUses();
    private final LastUses loginUses = new LastUses();
    private final AccessBook book;
    private final Throttle throttle;
    private final Authenticator authenticator;
    private final Users users;
    private final Projects projects;
    private final Keys keys;
    private final Logins logins;
    private Instant nextPrune = Instant.MIN;

    private AccessService(
            AccessStore store,
            Access configured,
            AccessSettings settings,
            SecretBox box,
            AuditLog audit,
            InstantSource clock,
            Ticker ticker,
            SecureRandom random) {
        this.store = store;
        this.audit = audit;
        this.clock = clock;
        this.book = new AccessBook(store, thread);
        this.throttle = new Throttle(ticker, this::locked);
        this.authenticator = new Authenticator(book::now, configured, settings, throttle, keyUses, loginUses, clock);
        Secrets secrets = new Secrets(random);
        Argon2 argon = new Argon2(settings.cost(), secrets);
        this.users = new Users(book, argon, secrets, clock);
        this.projects = new Projects(book, clock);
        this.keys = new Keys(book, keyUses, secrets, clock);
        this.logins = new Logins(
                book,
                argon,
                new SecondFactors(box, secrets),
                throttle,
                authenticator,
                new LoginOpener(book, authenticator, secrets, clock),
                clock);
    }

    /**
     * Reads what is there. Waits for the disk; by the thread that starts the server.
     *
     * @param configured the keys that whoever started the server has given, or that nobody is asked; these may do everything
     * @param box for the secrets of second factors
     * @param audit is told where an address or an account is locked
     */
    public static AccessService open(
            AccessStore store,
            Access configured,
            AccessSettings settings,
            SecretBox box,
            AuditLog audit,
            InstantSource clock,
            Ticker ticker,
            SecureRandom random) {
        AccessService service = new AccessService(store, configured, settings, box, audit, clock, ticker, random);
        service.logins.remember();
        return service;
    }

    /** True where there is any user. */
    public boolean hasUsers() {
        return book.now().users().findAny().isPresent();
    }

    /**
     * Makes the user {@code admin}, who must change the password at the first login, where there is no user at all. The password is hashed at once; the
     * user is kept when the server serves, and not at all where it does not: nobody would be told the password then.
     *
     * @param password empty for a random one
     * @param serves waited for, with all other changes behind; where it fails, so does what is returned
     * @return the password, to be told once; empty where there are users
     */
    public CompletionStage<Optional<String>> firstAdmin(Optional<String> password, CompletionStage<?> serves) {
        if (hasUsers()) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        return Users.checked(() -> users.create(new NewUser(FIRST_ADMIN, "Administrator", true, password), serves)
                .thenApply(made -> made.password().or(() -> password)));
    }

    /**
     * From now on, a project for which this is true is not taken away.
     *
     * @param inUse called by {@code culvert-access}; should be quick
     */
    public void watchProjects(Predicate<String> inUse) {
        projects.watch(inUse);
    }

    /** Says who somebody is. */
    public Authenticator authenticator() {
        return authenticator;
    }

    /** Users, for admins. */
    public Users users() {
        return users;
    }

    /** Projects and their members. */
    public Projects projects() {
        return projects;
    }

    /** API keys. */
    public Keys keys() {
        return keys;
    }

    /** Signing in. */
    public Logins logins() {
        return logins;
    }

    /** For those who check secrets elsewhere. */
    public Throttle throttle() {
        return throttle;
    }

    @Override
    public String name() {
        return "access";
    }

    /** Writes down last uses, and once an hour lets go of what has ended. */
    @Override
    public void turn() {
        write(false);
        Instant now = clock.instant();
        if (book.isUnsure() || !now.isBefore(nextPrune)) {
            nextPrune = now.plus(PRUNE_EVERY);
            var unused = book.change(() -> prune(now)).exceptionally(e -> {
                log.debug("What has ended stays in the store for now", e);
                return 0;
            });
        }
    }

    @Override
    public void last() {
        write(true);
    }

    private void write(boolean end) {
        Map<String, Instant> usedKeys = keyUses.due(end);
        Map<String, Instant> usedLogins = loginUses.due(end);
        if (!usedKeys.isEmpty() || !usedLogins.isEmpty()) {
            store.used(usedKeys, usedLogins);
            keyUses.written(usedKeys);
            loginUses.written(usedLogins);
        }
    }

    private int prune(Instant now) {
        AccessChanges changes = new AccessChanges();
        logins.prune(changes);
        keys.prune(changes, now.minus(DEAD_KEY));
        int gone = changes.goneKeys().size() + changes.goneLogins().size();
        if (gone > 0) {
            book.apply(changes);
        }
        forgetUses();
        return gone;
    }

    private void forgetUses() {
        AccessState state = book.now();
        keyUses.keep(id -> state.key(id).isPresent());
        Set<String> there = state.logins().map(StoredLogin::id).collect(Collectors.toSet());
        loginUses.keep(there::contains);
    }

    /** What was typed as a name may be a password that went into the wrong field: only names of users are told. */
    private void locked(
            Optional<String> typed, Optional<Place> place, Throttle.Kind kind, int failures, Duration wait) {
        Optional<String> user = typed.filter(name -> book.now().user(name).isPresent());
        String target = typed.isPresent()
                ? "user/" + user.orElse("(unknown)")
                : "address/" + place.map(Place::text).orElse("");
        audit.add(new AuditEntry(
                clock.instant().truncatedTo(ChronoUnit.MICROS),
                user.orElse(""),
                CallerKind.NOBODY,
                place.map(Place::text).orElse(""),
                "throttle.lock",
                target,
                AuditEntry.refused("throttled"),
                Optional.empty(),
                Optional.of("{\"what\":\"" + kind.name().toLowerCase(Locale.ROOT) + "\",\"failures\":" + failures
                        + ",\"seconds\":" + wait.toSeconds() + "}")));
        log.warn("{} is locked for {} s after {} failures", target, wait.toSeconds(), failures);
    }

    /** Lets what was begun come to its end, and takes nothing more. Before the ledger and the store are closed. */
    @Override
    public void close() {
        thread.close();
    }
}
