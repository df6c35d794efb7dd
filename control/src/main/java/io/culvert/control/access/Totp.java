package io.culvert.control.access;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.OptionalLong;

/** Codes that change every 30 seconds (RFC 6238): six digits by HMAC-SHA1, which every app on a telephone has. No state, any thread. */
final class Totp {
    static final Duration STEP = Duration.ofSeconds(30);
    /** As long as the hash, as the RFC asks for. */
    static final int SECRET_BYTES = 20;

    private static final int DIGITS = 6;
    private static final String BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    private Totp() {}

    /**
     * Which step a code belongs to: the running one, the one before or the one behind it, as clocks differ. Empty where it is none of these, or
     * not newer than one that was used.
     *
     * @param used the newest step that was used
     */
    static OptionalLong match(byte[] secret, String code, Instant now, long used) {
        long running = now.getEpochSecond() / STEP.toSeconds();
        byte[] shown = code.strip().replace(" ", "").getBytes(StandardCharsets.UTF_8);
        OptionalLong found = OptionalLong.empty();
        for (long step = running - 1; step <= running + 1; step++) {
            boolean same = MessageDigest.isEqual(code(secret, step).getBytes(StandardCharsets.UTF_8), shown);
            if (same && step > used) {
                found = OptionalLong.of(step);
            }
        }
        return found;
    }

    /** The code of a step. */
    static String code(byte[] secret, long step) {
        byte[] mac = Secrets.mac(
                "HmacSHA1",
                secret,
                ByteBuffer.allocate(Long.BYTES).putLong(step).array());
        int at = mac[mac.length - 1] & 0xf;
        int number = ByteBuffer.wrap(mac).getInt(at) & 0x7fff_ffff;
        return String.format(Locale.ROOT, "%0" + DIGITS + "d", number % 1_000_000);
    }

    /** For a telephone's camera. */
    static String uri(String user, String base32) {
        return "otpauth://totp/Culvert:" + user + "?secret=" + base32 + "&issuer=Culvert&algorithm=SHA1&digits="
                + DIGITS + "&period=" + STEP.toSeconds();
    }

    /** RFC 4648, without padding: 20 bytes need none. */
    static String base32(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        int bits = 0;
        int value = 0;
        for (byte each : bytes) {
            value = (value << 8) | (each & 0xff);
            bits += 8;
            while (bits >= 5) {
                text.append(BASE32.charAt((value >> (bits - 5)) & 31));
                bits -= 5;
            }
            value &= (1 << bits) - 1;
        }
        if (bits > 0) {
            text.append(BASE32.charAt((value << (5 - bits)) & 31));
        }
        return text.toString();
    }

    /** What {@link #base32} was made of. */
    static byte[] bytes(String base32) {
        ByteBuffer bytes = ByteBuffer.allocate(base32.length() * 5 / 8);
        int bits = 0;
        int value = 0;
        for (int i = 0; i < base32.length(); i++) {
            value = (value << 5) | BASE32.indexOf(base32.charAt(i));
            bits += 5;
            if (bits >= 8) {
                bytes.put((byte) (value >> (bits - 8)));
                bits -= 8;
            }
            value &= (1 << bits) - 1;
        }
        return bytes.array();
    }
}
