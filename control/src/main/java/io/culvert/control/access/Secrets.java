package io.culvert.control.access;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Makes secrets and names that nobody guesses. Any thread. */
final class Secrets {
    /** Letters and digits of which none is taken for another one. */
    private static final String ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789";

    private static final int SECRET_BYTES = 32;

    private final SecureRandom random;

    Secrets(SecureRandom random) {
        this.random = random;
    }

    /** 256 random bits, as 43 characters. */
    String secret() {
        byte[] bytes = bytes(SECRET_BYTES);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** So many characters of five random bits each. */
    String word(int length) {
        StringBuilder word = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            word.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return word.toString();
    }

    /** For people to type: 120 random bits, in groups of four. */
    String password() {
        return String.join("-", word(4), word(4), word(4), word(4), word(4), word(4));
    }

    /** For people to keep on paper: 80 random bits, in groups of four. */
    String recoveryCode() {
        return String.join("-", word(4), word(4), word(4), word(4));
    }

    byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    /** What follows from a login's secret, and tells nothing about it. */
    static String csrf(String secret) {
        byte[] mac = mac("HmacSHA256", secret.getBytes(StandardCharsets.UTF_8), new byte[] {'c'});
        return Base64.getUrlEncoder().withoutPadding().encodeToString(mac);
    }

    static byte[] mac(String algorithm, byte[] key, byte[] text) {
        try {
            Mac mac = Mac.getInstance(algorithm);
            mac.init(new SecretKeySpec(key, algorithm));
            return mac.doFinal(text);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(algorithm + " is not to be had (expected: a whole JDK)", e);
        }
    }

    @Override
    public String toString() {
        return "Secrets[MASKED]";
    }
}
