package io.culvert.app.config;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which PostgreSQL database, as drivers for Java write it. It holds no password, so it may be shown. Immutable, any thread.
 *
 * @param text {@code jdbc:postgresql://db.example:5432/culvert?user=culvert&sslmode=verify-full}
 */
public record DatabaseUrl(String text) {
    private static final Pattern FORM = Pattern.compile(
            "jdbc:postgresql://(?<host>\\[[^]/?]*]|[^:/?\\[\\]]+)(:(?<port>[0-9]+))?/[^/?#&=;:@\\s]+(\\?(?<more>\\S*))?");

    /** What may stand behind the question mark. A name that the driver does not know is silently no setting there. */
    private static final Set<String> MORE =
            Set.of("user", "sslmode", "sslrootcert", "sslcert", "sslkey", "currentSchema");

    private static final Set<String> SSL_MODES =
            Set.of("disable", "allow", "prefer", "require", "verify-ca", "verify-full");

    static final String EXPECTED = "jdbc:postgresql://HOST[:PORT]/DATABASE, then, where wanted, ?NAME=VALUE&… of "
            + String.join(", ", MORE.stream().sorted().toList()) + "; no password";

    /** Reads a URL; empty where it is none, or holds more than it may. No name is looked up. */
    static Optional<DatabaseUrl> parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            return Optional.empty();
        }
        Optional<String> port = Optional.ofNullable(form.group("port"));
        boolean sound = Address.host(form.group("host")).isPresent()
                && port.stream().allMatch(digits -> Address.port(digits).orElse(0) > 0)
                && Optional.ofNullable(form.group("more")).stream().allMatch(DatabaseUrl::isKnown);
        return sound ? Optional.of(new DatabaseUrl(text)) : Optional.empty();
    }

    private static boolean isKnown(String more) {
        Set<String> seen = new HashSet<>();
        return Arrays.stream(more.split("&", -1)).allMatch(pair -> {
            int equals = pair.indexOf('=');
            String name = equals < 0 ? pair : pair.substring(0, equals);
            String value = pair.substring(equals + 1);
            return equals > 0
                    && !value.isEmpty()
                    && MORE.contains(name)
                    && seen.add(name)
                    && (!name.equals("sslmode") || SSL_MODES.contains(value));
        });
    }

    /** A text that was meant as a URL, for messages: whatever could be a password in it is masked. */
    static String masked(String text) {
        int slashes = text.indexOf("//");
        if (text.indexOf('@') >= 0) {
            // Somebody's name and password stand before it, or it stands in a password: any mark may be part of that.
            return (slashes < 0 ? "" : text.substring(0, slashes + 2)) + "MASKED";
        }
        for (int i = 0; i < text.length(); i++) {
            if ("?;&=#".indexOf(text.charAt(i)) >= 0 || Character.isWhitespace(text.charAt(i))) {
                return text.substring(0, i + 1) + "MASKED";
            }
        }
        return text;
    }

    /** True where the URL names the user. */
    boolean namesUser() {
        return text.matches(".*[?&]user=.*");
    }

    @Override
    public String toString() {
        return text;
    }
}
