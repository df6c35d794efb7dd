package io.culvert.control.access;

import io.culvert.control.Access;
import io.culvert.control.Caller;
import io.culvert.control.HandClock;
import io.culvert.control.audit.AuditEntry;
import io.culvert.control.audit.AuditFilter;
import io.culvert.control.audit.AuditLog;
import io.culvert.control.audit.AuditRecord;
import io.culvert.control.hook.SecretBox;
import io.culvert.control.sql.SqlTunnelStore;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** Access on a SQLite file, with clocks that are moved by hand and passwords that are cheap. One thread. */
final class AccessWorld implements AutoCloseable {
    static final String PASSWORD = "a long enough one";
    static final Argon2Cost CHEAP = new Argon2Cost(16, 1, 1);
    static final InetAddress HOME = address("192.0.2.1");
    static final Caller ROOT = Caller.trusted("admin");
    static final String CONFIGURED = "a configured key of more than 32 characters";
    static final String SHORT = "short";

    final HandClock clock;
    final SqlTunnelStore store;
    final AuditLog audit;
    final AccessService access;

    AccessWorld(Path directory, HandClock clock) {
        this(directory, clock, CHEAP);
    }

    AccessWorld(Path directory, HandClock clock, Argon2Cost cost) {
        this.clock = clock;
        this.store = SqlTunnelStore.open(directory);
        this.audit = AuditLog.open(store.audit(), clock, Runnable::run, duty -> {});
        this.access = AccessService.open(
                store.access(),
                Access.withKeys(List.of(CONFIGURED, SHORT)),
                new AccessSettings(cost, Duration.ofHours(12), Duration.ofHours(1)),
                new SecretBox(new byte[SecretBox.KEY_BYTES], new SecureRandom()),
                audit,
                clock,
                clock,
                new SecureRandom());
    }

    /** Makes a user who has changed the first password to {@link #PASSWORD} already. */
    Visit user(String name, boolean admin) {
        done(access.users().create(ROOT, new NewUser(name, "", admin, Optional.of("the first password"))));
        SignedIn in = signIn(name, "the first password");
        done(access.logins().changePassword(in.visit(), "the first password", PASSWORD, origin(HOME)));
        return visit(in.secret());
    }

    SignedIn signIn(String name, String password) {
        return done(access.logins().signIn(credentials(name, password), origin(HOME)));
    }

    /** As the store keeps it. */
    String storedPassword(String user) {
        return store.access().load().users().stream()
                .filter(it -> it.name().equals(user))
                .findFirst()
                .flatMap(StoredUser::password)
                .orElseThrow();
    }

    Caller caller(SignedIn in) {
        return access.authenticator().login(in.secret()).orElseThrow().caller();
    }

    /** What this user may do, as after a login. */
    Caller caller(String name) {
        return caller(signIn(name, PASSWORD));
    }

    Visit visit(String secret) {
        return access.authenticator().login(secret).orElseThrow().visit().orElseThrow();
    }

    Optional<Pass> key(String secret) {
        return access.authenticator().key(secret, HOME);
    }

    List<AuditEntry> audited() {
        return done(audit.export(AuditFilter.ALL, 0, 1_000)).stream()
                .map(AuditRecord::entry)
                .toList();
    }

    static Credentials credentials(String name, String password) {
        return new Credentials(name, password, Optional.empty());
    }

    static Origin origin(InetAddress address) {
        return new Origin(address, "a browser");
    }

    static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** What came of it, or why not. */
    static <T> T done(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    @Override
    public void close() {
        access.close();
        access.last();
        audit.last();
        store.close();
    }
}
