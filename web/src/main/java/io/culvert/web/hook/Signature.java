package io.culvert.web.hook;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** What the head {@code Culvert-Signature} says: {@code t=SECONDS,v1=HEX}, an HMAC-SHA256 of {@code SECONDS.BODY}. No state, any thread. */
final class Signature {
    private static final String ALGORITHM = "HmacSHA256";

    private Signature() {}

    /** @param secret its characters in UTF-8 are the key */
    static String of(String secret, Instant at, byte[] body) {
        String time = String.valueOf(at.getEpochSecond());
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM));
            mac.update((time + ".").getBytes(StandardCharsets.US_ASCII));
            return "t=" + time + ",v1=" + HexFormat.of().formatHex(mac.doFinal(body));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(ALGORITHM + " is not to be had (expected: a whole JDK)", e);
        }
    }
}
