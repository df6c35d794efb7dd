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
 * thread; takes some tenths of a second but where it is told, so one that may wait, and one at a time.
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

    private final String nobodyMade;

    /** As it is written: salt and hash in Base64. */
    private record Parsed(Argon2Cost cost, String salt, String hash) {}

    /**
     * @param cost of passwords that people choose
     * @throws IllegalArgumentException where that is the cost of those that were made: they could not be told apart
     */
    Argon2(Argon2Cost cost, Secrets secrets) {
        if (cost.equals(Argon2Cost.MADE)) {
            throw new IllegalArgumentException(
                    "cost: " + cost + " (expected: more than that of passwords that were made)");
        }
        this.cost = cost;
        this.secrets = secrets;
        this.nobody = phc(cost, secrets.bytes(SALT_BYTES), secrets.bytes(HASH_BYTES));
        this.nobodyMade = phc(Argon2Cost.MADE, secrets.bytes(SALT_BYTES), secrets.bytes(HASH_BYTES));
    }

    /** A new hash, in the PHC format, of a password that a person chose. */
    String hash(String password) {
        return hash(password, cost);
    }

    /** A new hash of a password that {@link Secrets#password} made, which takes no time. */
    String hashMade(String password) {
        return hash(password, Argon2Cost.MADE);
    }

    private String hash(String password, Argon2Cost cost) {
        byte[] salt = secrets.bytes(SALT_BYTES);
        return phc(cost, salt, compute(password, cost, salt, HASH_BYTES));
    }

    private static String phc(Argon2Cost cost, byte[] salt, byte[] hash) {
        return "$argon2id$v=19$m=" + cost.kibibytes() + ",t=" + cost.passes() + ",p=" + cost.lanes() + "$" + text(salt)
                + "$" + text(hash);
    }

    /** Whether this is the password; where there is none to compare with, no, after the same work: that of one that was chosen and of one that was made. */
    boolean matches(String password, Optional<String> stored) {
        Optional<Parsed> known = parse(stored.orElse(nobody));
        boolean wasMade = known.filter(Argon2::isMade).isPresent();
        Parsed chosen = known.filter(it -> !wasMade).or(() -> parse(nobody)).orElseThrow();
        Parsed made = known.filter(it -> wasMade).or(() -> parse(nobodyMade)).orElseThrow();
        String looked = password.length() > MOST_CHARACTERS ? "" : password;
        boolean fitsChosen = fits(looked, chosen);
        boolean fitsMade = fits(looked, made);
        return (wasMade ? fitsMade : fitsChosen) && known.isPresent() && stored.isPresent() && looked.equals(password);
    }

    private static boolean fits(String password, Parsed stored) {
        byte[] expected = bytes(stored.hash());
        return MessageDigest.isEqual(compute(password, stored.cost(), bytes(stored.salt()), expected.length), expected);
    }

    private static boolean isMade(Parsed stored) {
        return stored.cost().equals(Argon2Cost.MADE);
    }

    /** Whether it was hashed at another cost than passwords are now. */
    boolean outdated(String stored) {
        return parse(stored).filter(it -> isMade(it) || it.cost().equals(cost)).isEmpty();
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
