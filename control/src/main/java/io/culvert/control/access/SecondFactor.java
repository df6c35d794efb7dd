package io.culvert.control.access;

/**
 * A second factor that waits to be confirmed.
 *
 * @param secret in base32, for who types it in
 * @param uri {@code otpauth://totp/…}, for who scans it
 */
public record SecondFactor(String secret, String uri) {
    @Override
    public String toString() {
        return "SecondFactor[MASKED]";
    }
}
