package io.culvert.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The demo runs to its end and says what the README shows. */
class DemoIT {
    private static final Pattern SHOWN = Pattern.compile("(?s)`\\./dev demo`[^\n]*\n\n```\n(.*?)```");

    @RegisterExtension
    final World world = new World();

    @Test
    void saysEachStepAsTheReadmeShowsIt() throws Exception {
        Program demo = world.culvert("demo", Map.of(), "demo");
        assertThat(demo.exit()).isZero();
        assertThat(demo.err()).isEmpty();
        List<String> shown = withoutNumbers(SHOWN.matcher(Files.readString(readme()))
                .results()
                .findFirst()
                .orElseThrow()
                .group(1));
        assertThat(shown).hasSizeGreaterThan(7);
        assertThat(withoutNumbers(demo.out())).isEqualTo(shown);
    }

    private static Path readme() {
        return Path.of(System.getProperty("culvert.readme", "../README.md"));
    }

    /** Ports and times differ from run to run. */
    private static List<String> withoutNumbers(String text) {
        return text.lines().map(line -> line.replaceAll("[0-9.]*[0-9]", "N")).toList();
    }
}
