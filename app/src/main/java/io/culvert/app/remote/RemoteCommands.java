package io.culvert.app.remote;

import io.culvert.app.config.ConfigException;
import io.culvert.app.config.Flags;
import io.culvert.app.process.CommandFailure;
import io.culvert.app.process.Console;
import io.culvert.app.process.ExitCode;
import io.culvert.app.process.HelpStyle;
import io.culvert.app.process.Reasons;
import io.culvert.client.CulvertApiException;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;

/** The commands that ask a server by its API. Immutable, any thread. */
public final class RemoteCommands {
    /** The first words of these commands. */
    public static final List<String> NAMES =
            List.of("tunnel", "token", "port", "user", "project", "key", "login", "logout", "bench");

    private final List<Group> groups = List.of(
            new Group(
                    "tunnel",
                    "Lease tunnels of a server, look at them and end them.",
                    List.of(
                            CreateVerbs.all(),
                            TunnelVerbs.all(),
                            LeaseVerbs.all(),
                            TrafficVerbs.all(),
                            List.of(WatchVerb.verb()))),
            new Group("token", "Invite further agents to a tunnel.", List.of(TokenVerbs.all())),
            new Group("port", "See and reserve public ports of a server.", List.of(PortVerbs.all())),
            new Group("user", "See and change who may sign in to a server; for admins.", List.of(UserVerbs.all())),
            new Group(
                    "project", "See and change projects, their quotas and roles in them.", List.of(ProjectVerbs.all())),
            new Group("key", "See, make and revoke API keys.", List.of(KeyVerbs.all())));

    private record Group(String name, String description, List<List<Verb>> lists) {
        List<Verb> verbs() {
            // In the order of a tunnel's life.
            List<String> order = List.of(
                    "create",
                    "list",
                    "get",
                    "set",
                    "wait",
                    "renew",
                    "pause",
                    "resume",
                    "delete",
                    "probe",
                    "usage",
                    "watch",
                    "connections",
                    "cut",
                    "sessions",
                    "kick",
                    "rotate-token",
                    "move-port");
            return lists.stream()
                    .flatMap(List::stream)
                    .sorted(Comparator.comparingInt(verb -> name.equals("tunnel") ? order.indexOf(verb.name()) : 0))
                    .toList();
        }
    }

    /** One of {@link #NAMES}, as picocli wants it. */
    public CommandSpec spec(String name) {
        for (Group group : groups) {
            if (group.name().equals(name)) {
                return spec(group);
            }
        }
        return single().stream()
                .filter(verb -> verb.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("command: '" + name + "' (expected: one of " + NAMES + ")"))
                .spec();
    }

    private static CommandSpec spec(Group group) {
        CommandSpec spec = HelpStyle.command(group.name(), group.description());
        group.verbs().forEach(verb -> spec.addSubcommand(verb.name(), verb.spec()));
        spec.usageMessage()
                .customSynopsis(
                        "culvert " + group.name() + " COMMAND [OPTIONS]",
                        "       culvert " + group.name() + " COMMAND --help")
                .commandListHeading("%nCommands:%n")
                .footer(
                        "",
                        "Which server, and as whom: --server and --key-file, or what 'culvert login' stored (--profile). In the",
                        "environment and in the file: the names in brackets, and a section 'client:'.",
                        "",
                        "Exit codes: 0 done; 1 something did not work, or the server does not answer; 2 command line or",
                        "configuration at fault, nothing was done; 3 refused by the server, no such tunnel, or it has ended.");
        return spec;
    }

    /**
     * Runs one.
     *
     * @param path its words, {@code tunnel}, {@code create}
     * @param operands what stands beside the options; where a group's command is missing, what stands in its place
     */
    public int run(List<String> path, Flags flags, List<String> operands, Console console)
            throws ConfigException, CommandFailure {
        Verb verb = find(path)
                .orElseThrow(() -> new ConfigException(List.of((operands.isEmpty()
                                ? path.get(0) + ": a command is missing"
                                : "'" + operands.get(0) + "': no such command")
                        + " (expected: " + verbs(path.get(0)) + ")")));
        Call call = new Call(console, new Words(flags, operands));
        try {
            return verb.work().run(call);
        } catch (CulvertApiException e) {
            throw Refusals.of(e);
        } catch (IOException e) {
            throw call.asked()
                    .map(remote -> Refusals.of(e, remote.address()))
                    .orElseGet(() -> new CommandFailure(ExitCode.FAILURE, Reasons.of(e), e));
        }
    }

    private Optional<Verb> find(List<String> path) {
        Stream<Verb> verbs = path.size() == 1
                ? single().stream()
                : groups.stream()
                        .filter(group -> group.name().equals(path.get(0)))
                        .flatMap(group -> group.verbs().stream());
        return verbs.filter(verb -> verb.name().equals(path.get(path.size() - 1)))
                .findFirst();
    }

    /** Commands of one word. */
    private static List<Verb> single() {
        return Stream.concat(LoginVerbs.all().stream(), Stream.of(BenchVerb.verb()))
                .toList();
    }

    private String verbs(String name) {
        return groups.stream()
                .filter(group -> group.name().equals(name))
                .flatMap(group -> group.verbs().stream())
                .map(Verb::name)
                .collect(Collectors.joining(", "));
    }
}
