package io.culvert.control;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The SHA-256 of a secret: all that is kept of it. Secrets here are random and long, so a plain hash is enough. Immutable, any thread.
 */
public final class SecretHash {
    /** Bytes of a hash. */
    public static final int LENGTH = 32;

    private final byte[] digest;

    private SecretHash(byte[] digest) {
        this.digest = digest;
    }

    /** Hashes a secret; the array is not kept. */
    public static SecretHash of(byte[] secret) {
        try {
            return new SecretHash(MessageDigest.getInstance("SHA-256").digest(secret));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform must have SHA-256", e);
        }
    }

    /** Hashes the UTF-8 bytes of a secret. */
    public static SecretHash of(String secret) {
        return of(secret.getBytes(StandardCharsets.UTF_8));
    }

    /** A hash as {@link #bytes()} gave it. */
    public static SecretHash ofStored(byte[] digest) {
        if (digest.length != LENGTH) {
            throw new IllegalArgumentException("stored hash: " + digest.length + " bytes (expected: " + LENGTH + ")");
        }
        return new SecretHash(digest.clone());
    }

    /** A copy of the 32 bytes, for the store. */
    public byte[] bytes() {
        return digest.clone();
    }

    /** Compares in a time that does not depend on where the two differ. */
    public boolean matches(SecretHash other) {
        return MessageDigest.isEqual(digest, other.digest);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SecretHash hash && matches(hash);
    }

    @Override
    public int hashCode() {
        return digest[0] << 24 | (digest[1] & 0xff) << 16 | (digest[2] & 0xff) << 8 | (digest[3] & 0xff);
    }

    @Override
    public String toString() {
        return "SecretHash[MASKED]";
    }
}
