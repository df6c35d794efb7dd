package io.culvert.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the README says of the settings is so. */
class ReadmeTest {
    @TempDir
    Path directory;

    @Test
    void everySettingIsInTheTable() throws IOException {
        String readme = readme();
        for (Setting.Section section : Setting.Section.values()) {
            for (Setting<?> setting : section.settings()) {
                assertThat(readme)
                        .contains("`" + section.name().toLowerCase(java.util.Locale.ROOT) + " " + setting.flag())
                        .contains("`" + setting.variable() + "`")
                        .contains("`" + setting.key() + "`");
            }
        }
    }

    @Test
    void everyVariableInTheTableIsOne() throws IOException {
        assertThat(Pattern.compile("CULVERT_[A-Z_]+")
                        .matcher(readme())
                        .results()
                        .map(MatchResult::group))
                .isNotEmpty()
                .isSubsetOf(Environment.known());
    }

    @Test
    void theFileOfTheExampleIsTaken() throws Exception {
        List<String> examples = Arrays.stream(readme().split("```yaml\n", -1))
                .skip(1)
                .map(rest -> rest.substring(0, rest.indexOf("```")))
                .toList();
        assertThat(examples).isNotEmpty();
        for (String example : examples) {
            Path file = Files.writeString(directory.resolve("culvert.yaml"), example);
            Flags flags = Flags.of(Map.of("config", List.of(file.toString())));
            assertThat(ServerConfig.read(flags, Map.of())).isNotNull();
            assertThat(ExposeConfig.read(flags, List.of("80"), Map.of())).isNotNull();
        }
    }

    private static String readme() throws IOException {
        return Files.readString(Path.of("..", "README.md"));
    }
}
