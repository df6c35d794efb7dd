package io.culvert.app.process;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** How every help text looks. Any thread. */
public final class HelpStyle {
    private static final int WIDTH = 110;

    private HelpStyle() {}

    /** A command with {@code --help} and nothing else yet. */
    public static CommandSpec command(String name, String description) {
        CommandSpec spec = CommandSpec.create().name(name);
        spec.addOption(OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .description("Show this text.")
                .build());
        spec.usageMessage()
                .width(WIDTH)
                .description(description)
                .optionListHeading("%nOptions:%n")
                .parameterListHeading("%n")
                .sortOptions(false)
                .abbreviateSynopsis(true);
        return spec;
    }
}
