package io.culvert.app.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One reading of all sources for one command: the strongest source that names a setting wins, and every fault of every source is
 * kept until {@link #finish} tells them all. A weak source's fault counts also where a stronger one overrides it: a bad line is
 * better mended than remembered. One thread.
 */
final class Reading {
    private final List<String> faults;
    private final Set<String> distinct = new HashSet<>();
    private final Map<String, List<String>> flags;
    private final Map<String, String> environment;
    private final Optional<ConfigFile> file;

    private record Source(String origin, List<String> texts) {}

    Reading(Flags flags, Map<String, String> environment) {
        this.faults = new ArrayList<>(flags.faults());
        this.flags = flags.values();
        this.environment = environment;
        for (String name : Environment.unknown(environment)) {
            List<String> like = Environment.like(name);
            fault("environment " + name + ": no such setting (expected: "
                    + (like.isEmpty() ? "one" : String.join(", ", like) + " or another one")
                    + " that a command's --help names)");
        }
        String level = environment.get(Environment.LOG);
        if (level != null && !Set.of("debug", "info", "warn").contains(level)) {
            fault("environment " + Environment.LOG + ": '" + level + "' (expected: debug, info or warn)");
        }
        this.file = configPath().map(ConfigFile::read);
        this.file.ifPresent(read -> read.faults().forEach(this::fault));
    }

    private Optional<Path> configPath() {
        List<String> given = flags.getOrDefault("config", List.of());
        if (given.size() > 1) {
            fault("flag --config: given twice (expected: once)");
        }
        Optional<Source> source = given.isEmpty()
                ? Optional.ofNullable(environment.get(Environment.CONFIG))
                        .map(text -> new Source("environment " + Environment.CONFIG, List.of(text)))
                : Optional.of(new Source("flag --config", List.of(given.get(0))));
        return source.flatMap(s -> read(s, ValueType.PATH).stream().findFirst());
    }

    /** The value of a setting that may be set once; its default, or nothing, where nobody set it. */
    <T> Optional<T> find(Setting<T> setting) {
        return findAll(setting).stream().findFirst();
    }

    /** The value of a setting that must be set: where nobody did, that is a fault. */
    <T> Optional<T> require(Setting<T> setting) {
        if (!isSet(setting)) {
            fault(setting.flag() + " is missing (expected: " + setting.type().expected() + "; by flag, as "
                    + setting.variable() + " in the environment or as " + setting.key() + " in the file)");
        }
        return find(setting);
    }

    /** Every value of a setting, from its strongest source alone. */
    <T> List<T> findAll(Setting<T> setting) {
        List<Source> sources = sources(setting);
        List<List<T>> values =
                sources.stream().map(source -> read(source, setting.type())).toList();
        return values.isEmpty()
                ? setting.fallback().flatMap(setting.type().reader()).stream().toList()
                : values.get(0);
    }

    /** True where some source names the setting, rightly or wrongly. */
    boolean isSet(Setting<?> setting) {
        return !sources(setting).isEmpty();
    }

    /** Keeps a fault that was found by other means; one and the same is told once. */
    void fault(String fault) {
        if (distinct.add(fault)) {
            faults.add(fault);
        }
    }

    /** Tells every fault, if there was one. */
    void finish() throws ConfigException {
        if (!faults.isEmpty()) {
            throw new ConfigException(faults);
        }
    }

    private List<Source> sources(Setting<?> setting) {
        List<Source> sources = new ArrayList<>();
        List<String> given = flags.getOrDefault(setting.name(), List.of());
        if (!given.isEmpty()) {
            String origin = "flag " + setting.flag();
            if (given.size() > 1 && !setting.many()) {
                fault(origin + ": given " + given.size() + " times (expected: once)");
            }
            sources.add(new Source(origin, split(setting, given)));
        }
        String variable = environment.get(setting.variable());
        if (variable != null) {
            sources.add(new Source("environment " + setting.variable(), split(setting, List.of(variable))));
        }
        file.flatMap(read -> read.find(setting.key()))
                .ifPresent(entry -> sources.add(new Source(entry.origin(), split(setting, entry.texts()))));
        return sources;
    }

    private static List<String> split(Setting<?> setting, List<String> texts) {
        return setting.many()
                ? texts.stream()
                        .flatMap(text -> Arrays.stream(text.split(",", -1)))
                        .map(String::trim)
                        .toList()
                : texts;
    }

    private <T> List<T> read(Source source, ValueType<T> type) {
        List<T> values = new ArrayList<>();
        for (String text : source.texts()) {
            Optional<T> value = type.reader().apply(text);
            value.ifPresent(values::add);
            if (value.isEmpty()) {
                fault(source.origin() + ": '" + type.shown().apply(text) + "' (expected: " + type.expected() + ")");
            }
        }
        return values;
    }
}
