package io.culvert.control.access;

import io.culvert.control.InvalidRequestException;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** What names, titles and passwords may be. No state, any thread. */
final class AccessRules {
    static final int MOST_TITLE = 200;

    private static final Pattern USER = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");
    /** What configured keys, the server itself, everybody and nobody are called: what those made would be the user's. */
    private static final Pattern RESERVED = Pattern.compile("key-[0-9]+|admin-key|open|server|import|nobody|anybody");

    private static final Pattern PROJECT = Pattern.compile("[a-z0-9][a-z0-9-]{0,39}");
    private static final int LEAST_PASSWORD = 12;

    /** Those of the usual lists of the worst that are long enough to be taken otherwise, and what people make of this server's name. */
    private static final Set<String> WORST = Set.of(
            "123456789012",
            "1234567890123",
            "1234567890123456",
            "012345678910",
            "1234567891011",
            "123123123123",
            "123456123456",
            "987654321098",
            "abcdefghijkl",
            "abcdefghijklmnop",
            "abc123abc123",
            "adminadminadmin",
            "admin12345678",
            "administrator",
            "administrator1",
            "changeme1234",
            "changemechangeme",
            "correct horse battery staple",
            "correcthorsebatterystaple",
            "culvertculvert",
            "culvert12345",
            "iloveyouiloveyou",
            "letmeinletmein",
            "passwordpassword",
            "password1234",
            "password12345",
            "password123456",
            "passw0rd1234",
            "p@ssw0rd1234",
            "p@ssword1234",
            "q1w2e3r4t5y6",
            "qwerty123456",
            "qwertyqwerty",
            "qwertyuiop12",
            "qwertyuiop123",
            "qwertyuiopasdfghjkl",
            "welcome12345",
            "welcomewelcome",
            "1q2w3e4r5t6y",
            "1qaz2wsx3edc",
            "zaq12wsxcde3");

    private AccessRules() {}

    static boolean isUserName(String name) {
        return USER.matcher(name).matches();
    }

    static void checkUserName(String name) {
        if (!isUserName(name) || RESERVED.matcher(name).matches()) {
            throw new InvalidRequestException(
                    "name",
                    shown(name),
                    "1 to 64 of a-z, 0-9, dot, underscore and hyphen, a letter or digit first, and none of key-N, admin-key, open, server, import, nobody, anybody");
        }
    }

    static void checkProjectName(String name) {
        if (!PROJECT.matcher(name).matches()) {
            throw new InvalidRequestException(
                    "name", shown(name), "1 to 40 of a-z, 0-9 and hyphen, no hyphen at first");
        }
    }

    static void checkTitle(String title) {
        if (title.length() > MOST_TITLE || title.chars().anyMatch(Character::isISOControl)) {
            throw new InvalidRequestException(
                    "title", shown(title), "at most " + MOST_TITLE + " characters, none that controls");
        }
    }

    /**
     * Says what is wrong with a password, and never shows it.
     *
     * @param field what the request calls it
     */
    static void checkPassword(String field, String user, String password) {
        String plain = password.toLowerCase(Locale.ROOT);
        int length = password.codePointCount(0, password.length());
        if (length < LEAST_PASSWORD || password.length() > Argon2.MOST_CHARACTERS) {
            throw refused(field, LEAST_PASSWORD + " to " + Argon2.MOST_CHARACTERS + " characters");
        }
        if (plain.equals(user)) {
            throw refused(field, "something else than the user's name");
        }
        if (WORST.contains(plain) || plain.codePoints().distinct().count() < 3) {
            throw refused(field, "something that is on no list of what everybody tries first");
        }
    }

    private static InvalidRequestException refused(String field, String expected) {
        return new InvalidRequestException(field, "MASKED", expected);
    }

    private static String shown(String text) {
        return text.length() <= MOST_TITLE ? text : text.substring(0, MOST_TITLE) + "…";
    }
}
