package io.culvert.control.access;

import java.time.Duration;

/**
 * What the owner of the server decides about access. Immutable, any thread.
 *
 * @param cost of hashing a password
 * @param longestLogin when a login ends however much it is used, more than zero
 * @param longestIdle when a login ends that is not used, more than zero
 */
public record AccessSettings(Argon2Cost cost, Duration longestLogin, Duration longestIdle) {
    public AccessSettings {
        positive("longest login", longestLogin);
        positive("longest idle", longestIdle);
    }

    /** Twelve hours, one hour, and a hash that fits a server with 512 MB. */
    public static AccessSettings defaults() {
        return new AccessSettings(Argon2Cost.DEFAULT, Duration.ofHours(12), Duration.ofHours(1));
    }

    private static void positive(String what, Duration value) {
        if (value.isZero() || value.isNegative()) {
            throw new IllegalArgumentException(what + ": " + value + " (expected: more than zero)");
        }
    }
}
