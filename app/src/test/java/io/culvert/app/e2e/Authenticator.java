package io.culvert.app.e2e;

import static org.awaitility.Awaitility.await;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.time.Duration;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** What somebody has on the phone: codes of six digits (RFC 6238, SHA-1). One thread. */
final class Authenticator {
    private static final String BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private static final long STEP_MS = 30_000;

    private final byte[] secret;
    // The server takes codes of the half minute before and of the one after, too: three of them without waiting.
    private long step = now() - 2;

    /** @param secret as the page shows it, in base32 */
    Authenticator(String secret) {
        ByteBuffer key = ByteBuffer.allocate(secret.length() * 5 / 8);
        long bits = 0;
        int count = 0;
        for (int i = 0; i < secret.length(); i++) {
            bits = bits << 5 | BASE32.indexOf(secret.charAt(i));
            count += 5;
            if (count >= 8 && key.hasRemaining()) {
                count -= 8;
                key.put((byte) (bits >> count));
            }
        }
        this.secret = key.array();
    }

    /** A code that was not used before, as each counts once; after the third it may have to be waited for. */
    String code() {
        step = Math.max(step + 1, now() - 1);
        await().atMost(Duration.ofMillis(2 * STEP_MS)).until(() -> step <= now() + 1);
        try {
            Mac mac = Mac.getInstance("HmacSHA1");
            mac.init(new SecretKeySpec(secret, "HmacSHA1"));
            byte[] hash =
                    mac.doFinal(ByteBuffer.allocate(Long.BYTES).putLong(step).array());
            int number = ByteBuffer.wrap(hash).getInt(hash[hash.length - 1] & 15) & Integer.MAX_VALUE;
            return "%06d".formatted(number % 1_000_000);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static long now() {
        return System.currentTimeMillis() / STEP_MS;
    }
}
