package io.culvert.app;

import io.culvert.app.config.CertConfig;
import io.culvert.app.config.ConfigException;
import io.culvert.app.config.Flags;
import io.culvert.app.config.Setting.Section;
import io.culvert.app.process.CommandFailure;
import io.culvert.app.process.Console;
import io.culvert.app.process.ExitCode;
import io.culvert.app.process.FlagOptions;
import io.culvert.app.process.Humane;
import io.culvert.app.remote.RemoteCommands;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** The command line: which command was meant, and what the process answers. One thread. */
public final class Culvert {
    private final Console console;

    /** @param console where commands read and write */
    public Culvert(Console console) {
        this.console = console;
    }

    /** Runs one command and ends the process with its {@link ExitCode}. */
    public static void main(String[] args) {
        if (args.length > 0 && (Set.of("expose", "demo").contains(args[0]) || RemoteCommands.NAMES.contains(args[0]))) {
            // These tell a person themselves what happens; read by LogLines, before anything is logged.
            System.setProperty("culvert.log", "warn");
        }
        System.exit(new Culvert(Console.system()).run(args));
    }

    /** Runs one command to its end. */
    public int run(String... args) {
        CommandLine line = commandLine(args);
        ParseResult root = line.parseArgs(args);
        ParseResult result = root;
        List<String> path = new ArrayList<>();
        while (result.hasSubcommand()) {
            result = result.subcommand();
            path.add(result.commandSpec().name());
        }
        CommandSpec spec = result.commandSpec();
        try {
            int code = answer(root, result, path, line);
            if (code == ExitCode.OK) {
                // Any other code says more.
                console.deliver();
            }
            return code;
        } catch (ConfigException e) {
            console.err()
                    .println(spec.qualifiedName() + ": " + heading(e.faults().size()));
            e.faults().forEach(fault -> console.err().println("  " + fault));
            console.err().println("'" + spec.qualifiedName() + " --help' shows what can be set.");
            return ExitCode.USAGE;
        } catch (CommandFailure e) {
            // It may hold the words of a server, or of whoever answers in its place.
            console.err().println(spec.qualifiedName() + ": " + Humane.line(String.valueOf(e.getMessage())));
            return e.exitCode();
        }
    }

    private int answer(ParseResult root, ParseResult result, List<String> path, CommandLine line)
            throws ConfigException, CommandFailure {
        if (result.isUsageHelpRequested()) {
            result.commandSpec().commandLine().usage(console.out(), Ansi.AUTO);
            return ExitCode.OK;
        }
        if (root.isVersionHelpRequested()) {
            return new VersionCommand(console).run(FlagOptions.read(root));
        }
        return root.hasSubcommand()
                ? run(path, FlagOptions.read(root), operands(root, result), line)
                : noCommand(line, root);
    }

    private int run(List<String> path, Flags flags, List<String> operands, CommandLine line)
            throws ConfigException, CommandFailure {
        if (RemoteCommands.NAMES.contains(path.get(0))) {
            return new RemoteCommands().run(path, flags, operands, console);
        }
        return switch (path.get(0)) {
            case "server" -> new ServerCommand(console).run(flags);
            case "agent" -> new AgentCommand(console).run(flags);
            case "expose" -> new ExposeCommand(console).run(flags, operands);
            case "cert" -> new CertCommand(console).run(flags);
            case "completion" -> new CompletionCommand(console).run(flags, operands, line);
            case "demo" -> new DemoCommand(console).run(flags);
            default -> new VersionCommand(console).run(flags);
        };
    }

    private int noCommand(CommandLine line, ParseResult root) throws ConfigException {
        if (root.unmatched().isEmpty()) {
            line.usage(console.err(), Ansi.AUTO);
            return ExitCode.USAGE;
        }
        throw new ConfigException(
                List.of(
                        "'" + root.unmatched().get(0)
                                + "': no such command (expected: server, agent, expose, tunnel, token, port, user, project, key, login, logout, bench, completion, cert or version)"));
    }

    private static String heading(int faults) {
        return faults == 1 ? "cannot start:" : "cannot start, for " + faults + " reasons:";
    }

    /** What stands beside the options; of a group whose command is missing, what stands in its place. */
    private static List<String> operands(ParseResult root, ParseResult result) {
        Set<String> hidden = FlagOptions.behindUnknown(root);
        Stream<String> words = result.commandSpec().subcommands().isEmpty()
                ? result.matchedPositionals().stream()
                        .distinct()
                        .flatMap(operand -> operand.getValue() instanceof List<?> all ? all.stream() : Stream.of())
                        .map(String::valueOf)
                : result.unmatched().stream().filter(word -> !word.startsWith("-"));
        return words.filter(word -> !hidden.contains(word)).toList();
    }

    /**
     * The command that is meant, with its options; every one where the first word is none, or needs to know all. Building them all takes a sixth of
     * a server's start.
     */
    static CommandLine commandLine(String... args) {
        Map<String, Supplier<CommandSpec>> commands = new LinkedHashMap<>();
        commands.put("server", () -> command(HelpTexts.server(), spec -> withFlags(spec, Section.SERVER)));
        commands.put("agent", () -> command(HelpTexts.agent(), spec -> withFlags(spec, Section.AGENT)));
        commands.put("expose", () -> command(HelpTexts.expose(), spec -> withTarget(withFlags(spec, Section.EXPOSE))));
        RemoteCommands.NAMES.forEach(name -> commands.put(name, () -> new RemoteCommands().spec(name)));
        commands.put("completion", () -> command(HelpTexts.completion(), Culvert::withShell));
        commands.put("cert", () -> command(HelpTexts.cert(), Culvert::withDataDirectory));
        commands.put("version", () -> command(HelpTexts.version(), UnaryOperator.identity()));
        commands.put("demo", () -> command(HelpTexts.demo(), UnaryOperator.identity()));
        CommandSpec root = HelpTexts.root();
        boolean one = args.length > 0 && commands.containsKey(args[0]) && !args[0].equals("completion");
        commands.forEach((name, spec) -> {
            if (!one || name.equals(args[0])) {
                root.addSubcommand(name, spec.get());
            }
        });
        CommandLine line = new CommandLine(root);
        // All faults at once: picocli keeps what it could not place, and goes on.
        forgiving(line);
        return line.setExpandAtFiles(false);
    }

    private static void forgiving(CommandLine line) {
        line.getCommandSpec().parser().collectErrors(true).unmatchedArgumentsAllowed(true);
        line.getSubcommands().values().forEach(Culvert::forgiving);
    }

    private static CommandSpec command(CommandSpec spec, UnaryOperator<CommandSpec> more) {
        return more.apply(spec);
    }

    private static CommandSpec withFlags(CommandSpec spec, Section section) {
        FlagOptions.add(spec, section);
        return spec;
    }

    private static CommandSpec withDataDirectory(CommandSpec spec) {
        FlagOptions.add(spec, CertConfig.SETTINGS);
        return spec;
    }

    private static CommandSpec withTarget(CommandSpec spec) {
        return withOperand(
                spec,
                "TARGET",
                "What visitors shall reach: a PORT of this machine, or HOST:PORT as this machine sees it.");
    }

    private static CommandSpec withShell(CommandSpec spec) {
        return withOperand(spec, "SHELL", "bash or zsh.");
    }

    private static CommandSpec withOperand(CommandSpec spec, String label, String meaning) {
        return spec.addPositional(PositionalParamSpec.builder()
                .index("0..*")
                .arity("0..*")
                .type(List.class)
                .auxiliaryTypes(String.class)
                .paramLabel(label)
                // Any number is read, so that a second one is told as a fault among the others; one is what is meant.
                .hideParamSyntax(true)
                .description(meaning)
                .build());
    }
}
