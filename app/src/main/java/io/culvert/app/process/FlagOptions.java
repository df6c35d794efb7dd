package io.culvert.app.process;

import io.culvert.app.config.Environment;
import io.culvert.app.config.Flags;
import io.culvert.app.config.Setting;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

    /**
     * What the command line said for the command that is meant.
     *
     * @param line the whole of it
     */
    public static Flags read(ParseResult line) {
        Map<String, List<String>> values = new HashMap<>();
        List<String> faults = new ArrayList<>();
        Set<String> hidden = behindUnknown(line);
        ParseResult result = line;
        while (result.hasSubcommand()) {
            String next = result.subcommand().commandSpec().name();
            for (String word : result.unmatched()) {
                if (!hidden.contains(word)) {
                    faults.add(
                            word.startsWith("-")
                                    ? "flag " + name(word) + ": before '" + next + "' (expected: behind it)"
                                    : "command line: '" + word + "' before '" + next + "' (expected: nothing there)");
                }
            }
            result = result.subcommand();
        }
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
            if (!hidden.contains(word)) {
                faults.add(
                        word.startsWith("-")
                                ? "flag " + name(word) + ": no such option (expected: one that --help shows)"
                                : "command line: '" + word + "' (expected: options only)");
            }
        }
        return new Flags(values, faults);
    }

    /** What stands behind options that are none: their values, most likely, and they may be secrets. */
    public static Set<String> behindUnknown(ParseResult line) {
        Set<String> unknown = new HashSet<>();
        for (ParseResult part = line; ; part = part.subcommand()) {
            part.unmatched().stream().filter(word -> word.startsWith("-")).forEach(unknown::add);
            if (!part.hasSubcommand()) {
                break;
            }
        }
        Set<String> behind = new HashSet<>();
        List<String> words = line.originalArgs();
        for (int i = 1; i < words.size(); i++) {
            if (unknown.contains(words.get(i - 1)) && !words.get(i).startsWith("-")) {
                behind.add(words.get(i));
            }
        }
        return behind;
    }

    /** Without a value that hangs on it, which may be a secret. */
    private static String name(String option) {
        return option.startsWith("--")
                ? option.replaceFirst("=.*", "")
                : option.substring(0, Math.min(2, option.length()));
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
