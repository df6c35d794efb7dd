package io.culvert.app.config;

import io.culvert.app.config.Setting.Section;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How people come in. Immutable, any thread.
 *
 * @param adminPasswordFile where the first password of the user {@code admin} stands; empty for a random one
 * @param longest when a login ends however much it is used
 * @param idle when a login ends that is not used
 * @param provider who else vouches for people
 */
public record LoginConfig(
        Optional<Path> adminPasswordFile, Duration longest, Duration idle, Optional<OidcConfig> provider) {
    static final Setting<Path> ADMIN_PASSWORD_FILE = Setting.of(
            Section.SERVER,
            "admin-password-file",
            ValueType.PATH,
            "File with the first password of the user 'admin', to be changed at the first login. Without it, a random one is told once.");
    static final Setting<Duration> LOGIN_LONGEST = Setting.of(
            Section.SERVER, "login-longest", ValueType.TTL, "12h", "When a login ends, however much it is used.");
    static final Setting<Duration> LOGIN_IDLE =
            Setting.of(Section.SERVER, "login-idle", ValueType.TTL, "1h", "When a login ends that is not used.");

    /** The settings of this part. */
    static final List<Setting<?>> SETTINGS = List.of(ADMIN_PASSWORD_FILE, LOGIN_LONGEST, LOGIN_IDLE);

    /** As it is where nobody says otherwise. */
    public static LoginConfig usual() {
        return new LoginConfig(Optional.empty(), Duration.ofHours(12), Duration.ofHours(1), Optional.empty());
    }

    /** Reads this part. */
    static LoginConfig read(Reading reading, Map<String, String> environment, HttpsConfig https) {
        Optional<Path> file = reading.find(ADMIN_PASSWORD_FILE);
        LoginConfig usual = usual();
        return new LoginConfig(
                file,
                reading.find(LOGIN_LONGEST).orElse(usual.longest()),
                reading.find(LOGIN_IDLE).orElse(usual.idle()),
                OidcConfig.read(reading, environment, https));
    }
}
