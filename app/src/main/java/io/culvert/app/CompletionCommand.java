package io.culvert.app;

import io.culvert.app.config.ConfigException;
import io.culvert.app.config.Flags;
import io.culvert.app.process.Console;
import io.culvert.app.process.ExitCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import picocli.AutoComplete;
import picocli.CommandLine;

/** {@code culvert completion}: a script by which a shell completes commands and options. One thread. */
final class CompletionCommand {
    private final Console console;

    CompletionCommand(Console console) {
        this.console = console;
    }

    int run(Flags flags, List<String> operands, CommandLine line) throws ConfigException {
        List<String> faults = new ArrayList<>(flags.faults());
        if (operands.size() != 1 || !Set.of("bash", "zsh").contains(operands.get(0))) {
            faults.add("SHELL: '" + String.join(" ", operands) + "' (expected: bash or zsh)");
        }
        if (!faults.isEmpty()) {
            throw new ConfigException(faults);
        }
        // One script serves both: in zsh it loads what bash's completion needs.
        console.out().print(AutoComplete.bash("culvert", line));
        console.out().flush();
        return ExitCode.OK;
    }
}
