package io.culvert.app.config;

import io.culvert.app.config.Setting.Section;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which server the commands {@code tunnel}, {@code port}, {@code login} and so on shall ask, and as whom; checked and frozen. Immutable,
 * any thread.
 *
 * @param server its API; empty where a profile or the default says it
 * @param keyFile the API key's file, or {@code -} for standard input
 * @param profile what {@code culvert login} stored
 * @param ca authorities that are trusted beside the system's
 */
public record ClientConfig(Optional<URI> server, Optional<Path> keyFile, Optional<String> profile, Optional<Path> ca) {
    static final Setting<URI> SERVER =
            Setting.of(Section.CLIENT, "server", ValueType.URL, "The server's API, in place of a profile's.");
    static final Setting<Path> KEY_FILE = Setting.of(
            Section.CLIENT,
            "key-file",
            ValueType.FILE_OR_STDIN,
            "File with an API key, as the server's data/admin.key; - reads standard input.");
    static final Setting<String> PROFILE = Setting.of(
            Section.CLIENT,
            "profile",
            ValueType.PROFILE,
            "Server and key as 'culvert login' stored them under this name; without --server: 'default'.");
    static final Setting<Path> CA = Setting.of(
            Section.CLIENT, "ca", ValueType.PATH, "PEM file of authorities to trust beside the system's, for https.");

    /** Every setting of these commands. */
    public static final List<Setting<?>> SETTINGS = List.of(SERVER, KEY_FILE, PROFILE, CA);

    /** Reads every source, or tells everything that is wrong. */
    public static ClientConfig read(Flags flags, Map<String, String> environment) throws ConfigException {
        Reading reading = new Reading(flags, environment);
        ClientConfig config =
                new ClientConfig(reading.find(SERVER), reading.find(KEY_FILE), reading.find(PROFILE), reading.find(CA));
        reading.finish();
        return config;
    }
}
