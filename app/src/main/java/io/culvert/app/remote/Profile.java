package io.culvert.app.remote;

import io.culvert.app.config.ClientConfig;
import io.culvert.app.config.ConfigException;
import io.culvert.app.process.CommandFailure;
import io.culvert.app.process.Console;
import io.culvert.app.process.ExitCode;
import io.culvert.app.process.SecretFile;
import io.culvert.client.CulvertClient;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Which server is asked, and as whom: the one place where that is decided. A profile's key goes to the profile's server and to no other.
 * Immutable, any thread.
 */
public record Profile(URI server, Optional<String> key, Optional<Path> ca) {
    /** What is meant where nobody names one. */
    static final String DEFAULT = "default";

    /** Where the server of this machine is, unless told otherwise. */
    static final URI HERE = URI.create("http://127.0.0.1:8000");

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** From flags, environment and file, and what {@code culvert login} stored. */
    public static Profile of(ClientConfig config, Console console) throws ConfigException, CommandFailure {
        if (config.server().isPresent() && config.profile().isPresent()) {
            throw new ConfigException(
                    List.of("server: with a profile, '" + config.profile().get()
                            + "' (expected: one of both; a profile's key goes to its own server only)"));
        }
        // A key that is named without a server is this machine's: it must not go to where the default profile leads.
        boolean stranger = config.server().isPresent()
                || (config.keyFile().isPresent() && config.profile().isEmpty());
        Optional<Profiles.Entry> stored =
                stranger ? Optional.empty() : stored(config, Profiles.of(console.environment()));
        Optional<String> key = config.keyFile().isPresent()
                ? Optional.of(SecretFile.read("an API key", config.keyFile().get(), console.in()))
                : stored.flatMap(Profiles.Entry::key);
        return new Profile(
                config.server().or(() -> stored.map(Profiles.Entry::server)).orElse(HERE),
                key,
                config.ca().or(() -> stored.flatMap(Profiles.Entry::ca)));
    }

    private static Optional<Profiles.Entry> stored(ClientConfig config, Profiles profiles)
            throws ConfigException, CommandFailure {
        Optional<Profiles.Entry> found = profiles.find(config.profile().orElse(DEFAULT));
        if (found.isEmpty() && config.profile().isPresent()) {
            List<String> names = profiles.names();
            throw new ConfigException(List.of("profile: '" + config.profile().get() + "' (expected: "
                    + (names.isEmpty()
                            ? "one that 'culvert login' stored; there is none"
                            : "one of " + String.join(", ", names))
                    + ")"));
        }
        return found;
    }

    /** Makes no connection yet. */
    CulvertClient client() throws CommandFailure {
        return client(PATIENCE);
    }

    /**
     * The same.
     *
     * @param patience for one call, more than zero
     */
    public CulvertClient client(Duration patience) throws CommandFailure {
        CulvertClient.Builder client = CulvertClient.to(server).timeout(patience);
        try {
            key.ifPresent(client::key);
            if (ca.isPresent()) {
                client.trusting(ca.get());
            }
            return client.build();
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.USAGE, "ca: " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
        }
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "Profile[server=" + server + ", key=" + (key.isPresent() ? "MASKED" : "none") + "]";
    }
}
