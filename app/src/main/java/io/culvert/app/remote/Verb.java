package io.culvert.app.remote;

import io.culvert.app.config.ClientConfig;
import io.culvert.app.config.ConfigException;
import io.culvert.app.process.CommandFailure;
import io.culvert.app.process.FlagOptions;
import io.culvert.app.process.HelpStyle;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * One command that asks a server: its words, and what it does. Immutable, any thread.
 *
 * @param operand what may stand beside the options, {@code TUNNEL...}; empty for nothing
 * @param meaning of the operand
 * @param examples lines of the help text
 */
record Verb(
        String name,
        String description,
        String operand,
        String meaning,
        List<Option<?>> options,
        List<String> examples,
        Work work) {
    Verb {
        options = List.copyOf(options);
        examples = List.copyOf(examples);
    }

    /** What a command does. Words are read and checked before the server is asked: {@link Call#remote} tells every fault. */
    interface Work {
        int run(Call call) throws ConfigException, CommandFailure, IOException;
    }

    /** As picocli wants it. */
    CommandSpec spec() {
        CommandSpec spec = HelpStyle.command(name, description);
        options.forEach(option -> spec.addOption(spec(option)));
        spec.addOption(spec(Output.FORMAT));
        FlagOptions.add(spec, ClientConfig.SETTINGS);
        if (!operand.isEmpty()) {
            spec.addPositional(PositionalParamSpec.builder()
                    .index("0..*")
                    .arity("0..*")
                    .type(List.class)
                    .auxiliaryTypes(String.class)
                    .paramLabel(operand)
                    .hideParamSyntax(true)
                    .description(meaning)
                    .build());
        }
        List<String> footer = new ArrayList<>();
        if (!examples.isEmpty()) {
            footer.addAll(List.of("", "Examples:"));
            examples.forEach(example -> footer.add("  culvert " + example));
        }
        spec.usageMessage().footer(footer.toArray(String[]::new));
        return spec;
    }

    private static OptionSpec spec(Option<?> option) {
        String[] names =
                option.equals(Output.FORMAT) ? new String[] {"-o", "--output"} : new String[] {"--" + option.name()};
        OptionSpec.Builder spec = OptionSpec.builder(names)
                .type(List.class)
                .auxiliaryTypes(String.class)
                .paramLabel(option.type().label())
                .completionCandidates(option.choices())
                .description(option.help());
        return option.isSwitch()
                ? spec.arity("0..1").fallbackValue("true").build()
                : spec.arity("1").build();
    }
}
