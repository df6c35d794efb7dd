package io.culvert.control.access;

import io.culvert.control.SecretHash;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * A user as the store keeps it. Immutable, any thread.
 *
 * @param password argon2id in the PHC format; empty for one who has none
 * @param sealedTotp the secret of the second factor, sealed; empty for none
 * @param totpStep the newest step of it that was used; 0 for none
 * @param recovery hashes of recovery codes that were not used yet
 * @param subject what an identity provider calls the user; empty for one of our own
 */
public record StoredUser(
        String name,
        String title,
        boolean admin,
        boolean disabled,
        boolean mustChange,
        Optional<String> password,
        Optional<String> sealedTotp,
        long totpStep,
        Set<SecretHash> recovery,
        Optional<String> subject,
        Instant created,
        Optional<Instant> lastLogin) {
    public StoredUser {
        recovery = Set.copyOf(recovery);
    }

    /** Whether there is a way in for this user. */
    boolean maySignIn() {
        return !disabled && (password.isPresent() || subject.isPresent());
    }

    StoredUser with(String newTitle, boolean nowAdmin, boolean nowDisabled) {
        return new StoredUser(
                name,
                newTitle,
                nowAdmin,
                nowDisabled,
                mustChange,
                password,
                sealedTotp,
                totpStep,
                recovery,
                subject,
                created,
                lastLogin);
    }

    StoredUser withPassword(String hash, boolean change) {
        return new StoredUser(
                name,
                title,
                admin,
                disabled,
                change,
                Optional.of(hash),
                sealedTotp,
                totpStep,
                recovery,
                subject,
                created,
                lastLogin);
    }

    StoredUser withSecondFactor(Optional<String> sealed, long step, Set<SecretHash> codes) {
        return new StoredUser(
                name, title, admin, disabled, mustChange, password, sealed, step, codes, subject, created, lastLogin);
    }

    StoredUser seen(Instant at) {
        return new StoredUser(
                name,
                title,
                admin,
                disabled,
                mustChange,
                password,
                sealedTotp,
                totpStep,
                recovery,
                subject,
                created,
                Optional.of(at));
    }

    @Override
    public String toString() {
        return "StoredUser[" + name + ", secrets=MASKED]";
    }
}
