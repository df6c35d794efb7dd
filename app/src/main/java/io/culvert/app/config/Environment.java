package io.culvert.app.config;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The environment variables that Culvert reads. Immutable, any thread. */
public final class Environment {
    /** What every variable of Culvert's own starts with; one of that name that nobody reads is a slip, and refused. */
    public static final String PREFIX = "CULVERT_";

    /** How much is logged. */
    public static final String LOG = PREFIX + "LOG";

    /** The configuration file, where {@code --config} does not name one. */
    public static final String CONFIG = PREFIX + "CONFIG";

    /** The database's password, where no file holds it. Secret. */
    public static final String DB_PASSWORD = PREFIX + "DB_PASSWORD";

    /** The secret that the identity provider knows this server by, where no file holds it. Secret. */
    public static final String OIDC_CLIENT_SECRET = PREFIX + "OIDC_CLIENT_SECRET";

    /** The seed's variable: the HTTP port of a container, open to the network. */
    public static final String EXPOSE_PORT = "EXPOSE_PORT";

    /** The seed's variable: API keys, separated by commas. Secret. */
    public static final String AUTHORIZE_KEYS = "AUTHORIZE_KEYS";

    /** More than these are no help. */
    private static final int MOST_LIKE = 5;

    private Environment() {}

    /** Every {@code CULVERT_} variable that some command reads. */
    public static Set<String> known() {
        return Stream.concat(
                        Stream.of(LOG, CONFIG, DB_PASSWORD, OIDC_CLIENT_SECRET),
                        Arrays.stream(Setting.Section.values())
                                .flatMap(section -> section.settings().stream())
                                .map(Setting::variable))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Some known variables that have each word of this one, or its beginning, in their names, sorted: what was meant, most likely. */
    static List<String> like(String unknown) {
        List<String> meant = words(unknown);
        return known().stream()
                .filter(name -> !meant.isEmpty() && has(words(name), meant))
                .sorted()
                .limit(MOST_LIKE)
                .toList();
    }

    private static boolean has(List<String> words, List<String> meant) {
        return meant.stream()
                .allMatch(word -> words.stream().anyMatch(own -> own.startsWith(word) || word.startsWith(own)));
    }

    private static List<String> words(String name) {
        return Arrays.stream(name.substring(PREFIX.length()).split("_"))
                .filter(word -> !word.isEmpty())
                .toList();
    }

    /** The {@code CULVERT_} variables that nobody reads, sorted by name. */
    static Set<String> unknown(Map<String, String> environment) {
        Set<String> known = known();
        TreeMap<String, String> unknown = new TreeMap<>(environment);
        unknown.keySet().removeIf(name -> !name.startsWith(PREFIX) || known.contains(name));
        return unknown.keySet();
    }
}
