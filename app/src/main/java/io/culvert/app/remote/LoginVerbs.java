package io.culvert.app.remote;

import io.culvert.app.config.Address;
import io.culvert.app.config.ClientConfig;
import io.culvert.app.config.ConfigException;
import io.culvert.app.config.ValueType;
import io.culvert.app.process.CommandFailure;
import io.culvert.app.process.ExitCode;
import io.culvert.app.process.Humane;
import io.culvert.app.process.SecretFile;
import io.culvert.app.process.Terminal;
import io.culvert.client.CulvertApiException;
import io.culvert.client.ServerStatus;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** {@code culvert login} and {@code logout}: a server and a key, kept in a file for the commands that ask it. Any thread. */
final class LoginVerbs {
    private static final Option<Boolean> LIST =
            Option.of("list", ValueType.SWITCH, "Only list the profiles that there are.");

    private LoginVerbs() {}

    static List<Verb> all() {
        return List.of(
                new Verb(
                        "login",
                        "Try an API key at a server, and keep both in a profile: a file that this user alone can read, in culvert/profiles"
                                + " of XDG_CONFIG_HOME or ~/.config. The key comes from --key-file, else it is asked for, or read from"
                                + " standard input. A profile's key is sent to its own server and to no other.",
                        "",
                        "",
                        List.of(LIST),
                        List.of(
                                "login --key-file data/admin.key",
                                "login --server https://tunnels.example.org --profile work",
                                "tunnel list --profile work"),
                        LoginVerbs::login),
                new Verb(
                        "logout",
                        "Forget a profile, and its key. The key stays good at the server.",
                        "",
                        "",
                        List.of(),
                        List.of("logout", "logout --profile work"),
                        LoginVerbs::logout));
    }

    private static int login(Call call) throws ConfigException, CommandFailure, IOException {
        boolean list = call.words().on(LIST);
        ClientConfig config =
                ClientConfig.read(call.words().flags(), call.console().environment());
        Profiles profiles = Profiles.of(call.console().environment());
        if (list) {
            return list(call, profiles);
        }
        String name = config.profile().orElse(Profile.DEFAULT);
        URI server = config.server().orElse(Profile.HERE);
        Optional<Path> ca = config.ca();
        Optional<String> key = key(call, config, new Profile(server, Optional.empty(), ca));
        if (key.isPresent()
                && server.getScheme().equals("http")
                && !Address.of(server).isLoopback()) {
            call.output().note("the key travels in the clear to " + server + " (better: https, or a way by ssh -L)");
        }
        ServerStatus status;
        try {
            status = new Profile(server, key, ca).client().server();
        } catch (CulvertApiException e) {
            if (e.status() == 401) {
                throw new CommandFailure(
                        ExitCode.REFUSED, "server " + server + " does not take this key; nothing was stored", e);
            }
            throw e;
        } catch (IOException e) {
            throw Refusals.of(e, server);
        }
        Path file = profiles.store(name, new Profiles.Entry(server, key, ca));
        call.output()
                .line("server " + server + ", Culvert " + Humane.plain(status.version()) + ": profile '" + name
                        + "' is kept in " + file + (key.isEmpty() ? "; it asks for no key" : ""));
        return ExitCode.OK;
    }

    /** Empty where the server asks for none. */
    private static Optional<String> key(Call call, ClientConfig config, Profile stranger) throws CommandFailure {
        if (config.keyFile().isPresent()) {
            return Optional.of(SecretFile.read(
                    "an API key", config.keyFile().get(), call.console().in()));
        }
        try {
            stranger.client().server();
            return Optional.empty();
        } catch (CulvertApiException e) {
            if (e.status() != 401) {
                throw e;
            }
        } catch (IOException e) {
            throw Refusals.of(e, stranger.server());
        }
        Optional<String> typed =
                Terminal.secret("API key for " + stranger.server() + ": ").map(String::strip);
        if (typed.isPresent()) {
            if (typed.get().isEmpty()) {
                throw new CommandFailure(ExitCode.USAGE, "no key was typed; nothing was stored");
            }
            return typed;
        }
        return Optional.of(
                SecretFile.read("an API key", Path.of("-"), call.console().in()));
    }

    private static int list(Call call, Profiles profiles) throws CommandFailure {
        Table table = new Table("PROFILE", "SERVER", "KEY", "CA");
        for (String name : profiles.names()) {
            Optional<Profiles.Entry> entry = profiles.find(name);
            table.row(
                    name,
                    entry.map(found -> found.server().toString()).orElse("-"),
                    entry.flatMap(Profiles.Entry::key).isPresent() ? "yes" : "no",
                    entry.flatMap(Profiles.Entry::ca).map(Path::toString).orElse("-"));
        }
        call.output().table(table, "no profiles");
        return ExitCode.OK;
    }

    private static int logout(Call call) throws ConfigException, CommandFailure {
        ClientConfig config =
                ClientConfig.read(call.words().flags(), call.console().environment());
        String name = config.profile().orElse(Profile.DEFAULT);
        if (!Profiles.of(call.console().environment()).remove(name)) {
            throw new CommandFailure(ExitCode.REFUSED, "there is no profile '" + name + "'");
        }
        call.output().line("profile '" + name + "' is gone");
        return ExitCode.OK;
    }
}
