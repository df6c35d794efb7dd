package io.culvert.control.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.text.Normalizer;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * Hashes passwords by argon2id. What it needs is loaded with the first password, and nothing of the memory is kept behind one. Any
 * thread; takes some tenths of a second, so one that may wait, and one at a time.
 */
final class Argon2 {
    /** What nobody types: longer ones are wrong. */
    static final int MOST_CHARACTERS = 1_000;

    private static final int SALT_BYTES = 16;
    private static final int HASH_BYTES = 32;
    private static final Pattern PHC = Pattern.compile(
            "\\$argon2id\\$v=19\\$m=(\\d{1,7}),t=(\\d{1,3}),p=(\\d{1,2})\\$([A-Za-z0-9+/]{11,86})\\$([A-Za-z0-9+/]{22,86})");

    private final Argon2Cost cost;
    private final Secrets secrets;
    /** A hash of nobody's password: worked on where there is no user, so that it takes as long as where there is one. */
    private final String nobody;

    /** As it is written: salt and hash in Base64. */
    private record Parsed(Argon2Cost cost, String salt, String hash) {}

    Argon2(Argon2Cost cost, Secrets secrets) {
        this.cost = cost;
        this.secrets = secrets;
        this.nobody = phc(secrets.bytes(SALT_BYTES), secrets.bytes(HASH_BYTES));
    }

    /** A new hash, in the PHC format. */
    String hash(String password) {
        byte[] salt = secrets.bytes(SALT_BYTES);
        return phc(salt, compute(password, cost, salt, HASH_BYTES));
    }

    private String phc(byte[] salt, byte[] hash) {
        return "$argon2id$v=19$m=" + cost.kibibytes() + ",t=" + cost.passes() + ",p=" + cost.lanes() + "$" + text(salt)
                + "$" + text(hash);
    }

    /** Whether this is the password; where there is none to compare with, no, after the same work. */
    boolean matches(String password, Optional<String> stored) {
        Optional<Parsed> known = parse(stored.orElse(nobody));
        Parsed parsed = known.or(() -> parse(nobody)).orElseThrow();
        String looked = password.length() > MOST_CHARACTERS ? "" : password;
        byte[] expected = bytes(parsed.hash());
        byte[] hash = compute(looked, parsed.cost(), bytes(parsed.salt()), expected.length);
        return MessageDigest.isEqual(hash, expected)
                && known.isPresent()
                && stored.isPresent()
                && looked.equals(password);
    }

    /** Whether it was hashed at another cost than passwords are now. */
    boolean outdated(String stored) {
        return parse(stored).filter(it -> it.cost().equals(cost)).isEmpty();
    }

    private static Optional<Parsed> parse(String stored) {
        Matcher matcher = PHC.matcher(stored);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Parsed(
                    new Argon2Cost(
                            Integer.parseInt(matcher.group(1)),
                            Integer.parseInt(matcher.group(2)),
                            Integer.parseInt(matcher.group(3))),
                    checked(matcher.group(4)),
                    checked(matcher.group(5))));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** @throws IllegalArgumentException where it is no Base64 */
    private static String checked(String base64) {
        return text(bytes(base64));
    }

    private static String text(byte[] bytes) {
        return Base64.getEncoder().withoutPadding().encodeToString(bytes);
    }

    private static byte[] bytes(String base64) {
        return Base64.getDecoder().decode(base64);
    }

    /** The same letters are the same bytes, whichever keyboard they come from. */
    private static byte[] compute(String password, Argon2Cost cost, byte[] salt, int length) {
        byte[] bytes = Normalizer.normalize(password, Normalizer.Form.NFC).getBytes(StandardCharsets.UTF_8);
        Argon2BytesGenerator generator = new Argon2BytesGenerator();
        generator.init(new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                .withMemoryAsKB(cost.kibibytes())
                .withIterations(cost.passes())
                .withParallelism(cost.lanes())
                .withSalt(salt)
                .build());
        byte[] hash = new byte[length];
        int unused = generator.generateBytes(bytes, hash);
        return hash;
    }

    @Override
    public String toString() {
        return "Argon2[" + cost + "]";
    }
}
