package io.culvert.link.agent;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;

/**
 * What an agent needs to serve one tunnel: which tunnel, a secret that says it may, and the pin that tells the right server from any
 * other. As text: {@code cv1.ID.SECRET.PIN}, the last two in base64url without padding. Immutable, any thread.
 */
public final class JoinToken {
    /** Least length of a secret in bytes: 128 bits are beyond guessing. */
    public static final int MIN_SECRET = 16;
    /** Greatest length of a secret in bytes. */
    public static final int MAX_SECRET = 64;
    /** Length of a pin: a SHA-256. */
    public static final int PIN_BYTES = 32;

    private static final String PREFIX = "cv1";
    // "cv1", a long of 19 digits, 64 and 32 bytes in base64, three dots: 154. Room to spare for pasted blanks.
    private static final int MAX_TEXT = 1024;
    private static final String SHAPE = "join token (expected: cv1.ID.SECRET.PIN): ";

    private final long tunnelId;
    private final byte[] secret;
    private final byte[] pin;

    /**
     * Makes a token; keeps copies of the arrays.
     *
     * @param tunnelId at least 0
     * @param secret {@value #MIN_SECRET} to {@value #MAX_SECRET} random bytes
     * @param pin SHA-256 of the SubjectPublicKeyInfo of the server's CA, {@value #PIN_BYTES} bytes
     */
    public JoinToken(long tunnelId, byte[] secret, byte[] pin) {
        if (tunnelId < 0) {
            throw new IllegalArgumentException("tunnel id: " + tunnelId + " (expected: at least 0)");
        }
        if (secret.length < MIN_SECRET || secret.length > MAX_SECRET) {
            throw new IllegalArgumentException(
                    "secret: " + secret.length + " bytes (expected: " + MIN_SECRET + " to " + MAX_SECRET + ")");
        }
        if (pin.length != PIN_BYTES) {
            throw new IllegalArgumentException("pin: " + pin.length + " bytes (expected: " + PIN_BYTES + ")");
        }
        this.tunnelId = tunnelId;
        this.secret = secret.clone();
        this.pin = pin.clone();
    }

    /**
     * Reads the text form; blanks and line ends around it are ignored, anything else out of place is not.
     *
     * @throws IllegalArgumentException saying which part is wrong, without repeating any of it but the id
     */
    public static JoinToken parse(String text) {
        if (text.length() > MAX_TEXT) {
            throw new IllegalArgumentException(SHAPE + text.length() + " characters is too long");
        }
        String[] parts = text.strip().split("\\.", -1);
        if (!parts[0].equals(PREFIX)) {
            throw new IllegalArgumentException(SHAPE + "does not begin with 'cv1.'");
        }
        if (parts.length != 4) {
            throw new IllegalArgumentException(SHAPE + parts.length + " parts where there should be 4");
        }
        return new JoinToken(
                id(parts[1]),
                bytes(parts[2], "SECRET", MIN_SECRET, MAX_SECRET),
                bytes(parts[3], "PIN", PIN_BYTES, PIN_BYTES));
    }

    /** The tunnel that the token is for, at least 0. */
    public long tunnelId() {
        return tunnelId;
    }

    /** A copy of the secret. */
    public byte[] secret() {
        return secret.clone();
    }

    /** A copy of the pin. */
    public byte[] pin() {
        return pin.clone();
    }

    /** The whole token as text, secret included: for the one answer that hands it out, never for a log. */
    public String text() {
        Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
        return PREFIX + "." + tunnelId + "." + base64.encodeToString(secret) + "." + base64.encodeToString(pin);
    }

    /** Two tokens are equal where tunnel, secret and pin are; takes the same time wherever secrets differ. */
    @Override
    public boolean equals(Object other) {
        return other instanceof JoinToken that
                && tunnelId == that.tunnelId
                && MessageDigest.isEqual(secret, that.secret)
                && Arrays.equals(pin, that.pin);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(tunnelId) * 31 + Arrays.hashCode(pin);
    }

    /** The token without its secret. */
    @Override
    public String toString() {
        return PREFIX + "." + tunnelId + ".***."
                + Base64.getUrlEncoder().withoutPadding().encodeToString(pin);
    }

    private static long id(String part) {
        // Long.parseLong would let '+7', '007' and other scripts' digits pass.
        if (!part.matches("0|[1-9][0-9]{0,18}")) {
            throw new IllegalArgumentException(SHAPE + "ID is not a plain whole number");
        }
        try {
            return Long.parseLong(part);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(SHAPE + "ID is above " + Long.MAX_VALUE, e);
        }
    }

    private static byte[] bytes(String part, String name, int min, int max) {
        byte[] value;
        try {
            value = Base64.getUrlDecoder().decode(part);
        } catch (IllegalArgumentException e) {
            // The decoder's own message quotes a character of the secret, so it is left behind.
            throw new IllegalArgumentException(SHAPE + name + " is not base64url");
        }
        // The decoder overlooks padding and stray bits at the end; two texts for one token are one too many.
        if (!Base64.getUrlEncoder().withoutPadding().encodeToString(value).equals(part)) {
            throw new IllegalArgumentException(SHAPE + name + " is not plain base64url without padding");
        }
        if (value.length < min || value.length > max) {
            throw new IllegalArgumentException(SHAPE + name + " is " + value.length + " bytes where "
                    + (min == max ? String.valueOf(min) : min + " to " + max) + " are expected");
        }
        return value;
    }
}
