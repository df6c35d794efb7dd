package io.culvert.app.remote;

import io.culvert.app.config.ClientConfig;
import io.culvert.app.config.ConfigException;
import io.culvert.app.process.CommandFailure;
import io.culvert.app.process.Console;
import io.culvert.client.CulvertClient;
import java.net.URI;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One call of a command: what was said, and what it is said to. One thread. */
final class Call {
    private final Console console;
    private final Words words;
    private final Output output;
    private @Nullable Remote remote;

    Call(Console console, Words words) {
        this.console = console;
        this.words = words;
        this.output = new Output(console, words.find(Output.FORMAT).orElse("table"));
    }

    Console console() {
        return console;
    }

    Words words() {
        return words;
    }

    Output output() {
        return output;
    }

    /**
     * The server that is meant; nothing is sent to it yet. Called when all words are read.
     *
     * @throws ConfigException which tells every fault of the words and of the settings
     */
    Remote remote() throws ConfigException, CommandFailure {
        ClientConfig config = ClientConfig.read(words.flags(), console.environment());
        Profile profile = Profile.of(config, console);
        Remote meant = new Remote(profile.server(), profile.client());
        remote = meant;
        return meant;
    }

    /** The server that was meant; empty where {@link #remote} was not called. */
    Optional<Remote> asked() {
        return Optional.ofNullable(remote);
    }

    /**
     * A server.
     *
     * @param address its API's
     */
    record Remote(URI address, CulvertClient client) {
        /** Where visitors and agents find it, as far as its address tells. */
        String host() {
            String host = address.getHost();
            return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        }
    }
}
