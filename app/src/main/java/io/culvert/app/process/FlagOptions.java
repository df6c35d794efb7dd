package io.culvert.app.process;

import io.culvert.app.config.Environment;
import io.culvert.app.config.Flags;
import io.culvert.app.config.Setting;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** Settings as options of a command line: picocli only splits the words; what they mean is read with the other sources. Any thread. */
public final class FlagOptions {
    private FlagOptions() {}

    /** Gives a command an option for each setting of its section, and {@code --config}. */
    public static void add(CommandSpec command, Setting.Section section) {
        add(command, section.settings());
    }

    /** Adds these settings as options, and the file that may hold them. */
    public static void add(CommandSpec command, List<Setting<?>> settings) {
        settings.forEach(setting -> command.addOption(option(setting)));
        command.addOption(texts("--config")
                .arity("1")
                .paramLabel("FILE")
                .description(
                        "YAML file with the settings that are given in no stronger way. [" + Environment.CONFIG + "]")
                .build());
    }

    /** What the command line said for a command. */
    public static Flags read(ParseResult result) {
        Map<String, List<String>> values = new HashMap<>();
        List<String> faults = new ArrayList<>();
        for (OptionSpec option : result.matchedOptions()) {
            if (option.getValue() instanceof List<?> texts) {
                String name = option.longestName().substring(2);
                values.put(name, texts.stream().map(String::valueOf).toList());
            }
        }
        for (Exception error : result.errors()) {
            faults.add("command line: " + error.getMessage());
        }
        for (String word : result.unmatched()) {
            faults.add(
                    word.startsWith("-")
                            // A value that hangs on it may be a secret.
                            ? "flag " + word.replaceFirst("=.*", "")
                                    + ": no such option (expected: one that --help shows)"
                            : "command line: '" + word + "' (expected: options only)");
        }
        return new Flags(values, faults);
    }

    private static OptionSpec option(Setting<?> setting) {
        String fallback = setting.fallback()
                .filter(text -> !text.isEmpty() && !setting.isSwitch())
                .map(text -> " (default " + text + ")")
                .orElse("");
        OptionSpec.Builder option = texts(setting.flag())
                .paramLabel(setting.type().label())
                .description(setting.help() + fallback + " [" + setting.variable() + "]");
        // A switch stands alone, or says =false to overrule the environment.
        return setting.isSwitch()
                ? option.arity("0..1").fallbackValue("true").build()
                : option.arity("1").build();
    }

    private static OptionSpec.Builder texts(String flag) {
        return OptionSpec.builder(flag).type(List.class).auxiliaryTypes(String.class);
    }
}
