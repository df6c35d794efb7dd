package io.culvert.control.access;

import io.culvert.control.Access;
import io.culvert.control.Ticker;
import io.culvert.control.audit.AuditLog;
import io.culvert.control.hook.SecretBox;
import io.culvert.control.ledger.Duty;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;

/**
 * Who may come in and what they may do: holds the parts together. Changes are made by one thread, {@code culvert-access}, one after the other: the
 * store first, then the snapshot that everybody reads, then the caller is told. Passwords are hashed there too, one at a time, and changes go
 * before them. Any thread, but for the methods of {@link Duty}, which write down when keys and logins were last used.
 */
@SuppressWarnings("DoNotCallSuggester") // the face first: nothing is behind it yet
public final class AccessService implements Duty, AutoCloseable {
    private AccessService() {}

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
        throw new UnsupportedOperationException();
    }

    /**
     * Makes the user {@code admin}, who must change the password at the first login, where there is no user at all.
     *
     * @param password empty for a random one
     * @return the password, to be told once; empty where there are users
     */
    public CompletionStage<Optional<String>> firstAdmin(Optional<String> password) {
        throw new UnsupportedOperationException();
    }

    /**
     * From now on, a project for which this is true is not taken away.
     *
     * @param inUse called by {@code culvert-access}; should be quick
     */
    public void watchProjects(Predicate<String> inUse) {
        throw new UnsupportedOperationException();
    }

    /** Says who somebody is. */
    public Authenticator authenticator() {
        throw new UnsupportedOperationException();
    }

    /** Users, for admins. */
    public Users users() {
        throw new UnsupportedOperationException();
    }

    /** Projects and their members. */
    public Projects projects() {
        throw new UnsupportedOperationException();
    }

    /** API keys. */
    public Keys keys() {
        throw new UnsupportedOperationException();
    }

    /** Signing in. */
    public Logins logins() {
        throw new UnsupportedOperationException();
    }

    /** For those who check secrets elsewhere. */
    public Throttle throttle() {
        throw new UnsupportedOperationException();
    }

    @Override
    public String name() {
        return "access";
    }

    @Override
    public void turn() {
        throw new UnsupportedOperationException();
    }

    /** Lets what was begun come to its end, and takes nothing more. Before the ledger and the store are closed. */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
