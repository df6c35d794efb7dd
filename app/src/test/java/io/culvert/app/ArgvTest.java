package io.culvert.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** What stands in a command line, everybody on the machine can read: no option of any command takes a secret, only the file that holds one. */
class ArgvTest {
    private static final Pattern SECRET =
            Pattern.compile("key|token|secret|password|passphrase|credential|cookie|code|pin|authorization|bearer");

    /** Places of a secret, never the secret. */
    private static final Set<String> PLACES = Set.of("FILE", "PATH");

    /** What has the word in its name and is none: a name for a request, which says nothing to anybody. */
    private static final Set<String> NONE = Set.of("--idempotency-key");

    @Test
    void cloudflared_no_option_takes_a_secret() {
        List<String> seen = new ArrayList<>();
        List<String> bad = new ArrayList<>();
        commands(Culvert.commandLine()).forEach(command -> {
            for (OptionSpec option : command.getCommandSpec().options()) {
                String said = command.getCommandSpec().qualifiedName() + " " + option.longestName();
                seen.add(said);
                boolean place = PLACES.contains(option.paramLabel());
                if (isSecret(option) && !place && !NONE.contains(option.longestName())) {
                    bad.add(said + "=" + option.paramLabel());
                }
                // Whoever adds an option for a secret must name where it stands.
                if (place && SECRET.matcher(option.longestName()).find()) {
                    assertThat(option.longestName()).as(said).containsAnyOf("-file", "-key", "-secret");
                }
            }
        });
        assertThat(bad).isEmpty();
        assertThat(seen)
                .hasSizeGreaterThan(200)
                .contains(
                        "culvert server --bridge-key",
                        "culvert login --key-file",
                        "culvert user create --password-file");
    }

    private static boolean isSecret(OptionSpec option) {
        boolean takes = option.arity().max() > 0 && !option.fallbackValue().equals("true");
        return takes
                && SECRET.matcher(option.longestName().toLowerCase(Locale.ROOT)).find();
    }

    private static Stream<CommandLine> commands(CommandLine line) {
        return Stream.concat(
                Stream.of(line), line.getSubcommands().values().stream().flatMap(ArgvTest::commands));
    }
}
