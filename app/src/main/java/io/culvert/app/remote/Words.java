package io.culvert.app.remote;

import io.culvert.app.config.Flags;
import io.culvert.app.config.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The words of one call: what options and operands say, read by their types. All faults are kept, and told together with those of the
 * settings. One thread.
 */
final class Words {
    private final Map<String, List<String>> flags;
    private final List<String> operands;
    private final List<String> faults;

    /** @param operands what stands beside the options, in its order */
    Words(Flags flags, List<String> operands) {
        this.flags = flags.values();
        this.operands = operands;
        this.faults = new ArrayList<>(flags.faults());
        // No path of the API can hold them: '..' would be what stands above, a whole tunnel in place of one of its
        // tokens.
        operands.stream()
                .filter(List.of("", ".", "..")::contains)
                .forEach(word -> fault("command line: '" + word + "' (expected: a name, a number or an id)"));
    }

    /** The value of an option; empty where it was not given, or was no value. */
    <T> Optional<T> find(Option<T> option) {
        List<T> all = all(option);
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(0));
    }

    /** Every value of an option. */
    <T> List<T> all(Option<T> option) {
        List<String> given = flags.getOrDefault(option.name(), List.of());
        if (given.size() > 1 && !option.many()) {
            fault("flag --" + option.name() + ": given " + given.size() + " times (expected: once)");
        }
        return given.stream()
                .flatMap(text -> read("flag --" + option.name(), option.type(), text).stream())
                .toList();
    }

    /** True where a switch was given. */
    boolean on(Option<Boolean> option) {
        return find(option).orElse(false);
    }

    /** True where an option was given, rightly or wrongly. */
    boolean has(Option<?> option) {
        return flags.containsKey(option.name());
    }

    /** What stands beside the options. */
    List<String> operands() {
        return operands;
    }

    /** The only operand; where there is none, or more, that is a fault, and the answer is empty. */
    String only(String what) {
        if (operands.size() != 1) {
            fault(what + (operands.isEmpty() ? " is missing" : ": '" + String.join(" ", operands) + "'")
                    + " (expected: one)");
            return "";
        }
        return operands.get(0);
    }

    /** Operands, at least one. */
    List<String> some(String what) {
        if (operands.isEmpty()) {
            fault(what + " is missing (expected: at least one)");
        }
        return operands;
    }

    /** Reads a text; where it is no value, that is a fault. */
    <T> Optional<T> read(String origin, ValueType<T> type, String text) {
        Optional<T> value = type.reader().apply(text);
        if (value.isEmpty()) {
            fault(origin + ": '" + type.shown().apply(text) + "' (expected: " + type.expected() + ")");
        }
        return value;
    }

    /** Keeps a fault; one and the same is told once. */
    void fault(String fault) {
        if (!faults.contains(fault)) {
            faults.add(fault);
        }
    }

    /** The settings' flags, with every fault that was found. */
    Flags flags() {
        return new Flags(flags, faults);
    }
}
