package io.culvert.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.app.config.Setting;
import io.culvert.app.process.Console;
import io.culvert.app.process.ExitCode;
import io.culvert.gateway.identity.ServerIdentity;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line as a person meets it: what is said, where, and what the process answers. */
class CulvertTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"server", "agent", "expose"})
    void helpShowsEverySetting(String command) {
        assertThat(run(command, "--help")).isEqualTo(ExitCode.OK);
        for (Setting<?> setting : Setting.Section.valueOf(command.toUpperCase(java.util.Locale.ROOT))
                .settings()) {
            assertThat(out()).containsPattern(setting.flag() + "\\[?=").contains(setting.variable());
        }
        assertThat(out()).contains("--config=FILE").contains("Examples:");
        assertThat(out().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(110));
        assertThat(err()).isEmpty();
    }

    @Test
    void theFirstHelpShowsCommandsAndExitCodes() {
        assertThat(run("--help")).isEqualTo(ExitCode.OK);
        assertThat(out())
                .contains("server", "agent", "expose", "version", "Exit codes")
                .doesNotContain("demo");
    }

    @Test
    void withoutACommandHelpIsAFault() {
        assertThat(run()).isEqualTo(ExitCode.USAGE);
        assertThat(err()).contains("culvert COMMAND");
        assertThat(out()).isEmpty();
    }

    @Test
    void anUnknownCommandIsNamed() {
        assertThat(run("sevrer")).isEqualTo(ExitCode.USAGE);
        assertThat(err())
                .contains("'sevrer': no such command (expected: server, agent, expose, tunnel, token, port, user,"
                        + " project, key, login, logout, bench, completion, cert or version)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"version", "--version", "-V"})
    void versionIsOneLine(String word) {
        assertThat(run(word)).isEqualTo(ExitCode.OK);
        assertThat(out()).matches("culvert \\S+ \\(Java \\S+\\)\\R");
    }

    @Test
    void allFaultsOfACommandLineAreToldAtOnce() {
        assertThat(run(
                        "server",
                        "--htp",
                        "1",
                        "--ports=9-1",
                        "--bridge",
                        "x",
                        "--http=a:1",
                        "--http=b:1",
                        "stray",
                        "--data"))
                .isEqualTo(ExitCode.USAGE);
        assertThat(err())
                .startsWith("culvert server: cannot start, for 6 reasons:")
                .contains("flag --htp: no such option")
                .doesNotContain("'1'")
                .contains("'stray' (expected: options only)")
                .contains("flag --ports: '9-1' (expected: ")
                .contains("flag --bridge: 'x' (expected: ")
                .contains("flag --http: given 2 times (expected: once)")
                .contains("--data")
                .doesNotContain("Exception");
        assertThat(out()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--config x server                      | flag --config: before 'server' (expected: behind it)",
                "tunnel --server http://x delete 1      | flag --server: before 'delete' (expected: behind it)",
                "tunnel -o json list                    | flag -o: before 'list' (expected: behind it)",
                "tunnel stray list                      | 'stray' before 'list' (expected: nothing there)",
                "version --verbose                      | flag --verbose: no such option",
                "--version stray                        | 'stray' (expected: options only)",
            })
    void whatStandsInAWrongPlaceIsNotLeftOut(String line, String said) {
        assertThat(run(line.split(" +"))).isEqualTo(ExitCode.USAGE);
        assertThat(err()).contains(said);
        assertThat(out()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "agent --server 127.0.0.1:1 --token cv1.secret",
                "server --key cv1.secret",
                "expose --key cv1.secret 8080",
                "tunnel get --key cv1.secret",
                "tunnel --key cv1.secret",
                "tunnel list --key=cv1.secret",
                "tunnel list -kcv1.secret",
            })
    void whatStandsBehindAnOptionThatIsNoneMayBeASecret(String line) {
        assertThat(run(line.split(" "))).isEqualTo(ExitCode.USAGE);
        assertThat(err()).doesNotContain("cv1.secret");
    }

    @Test
    void aSwitchNeedsNoValueAndTakesNoNeighbour() {
        assertThat(run("server", "--open", "--http", "0.0.0.0:1")).isEqualTo(ExitCode.USAGE);
        assertThat(err()).contains("cannot start:").contains("open: with http 0.0.0.0:1");
    }

    @Test
    void wordsStayAsTheyAreWritten() throws Exception {
        // Neither @files nor quotes mean anything here.
        Path args = Files.writeString(directory.resolve("args"), "--help");
        assertThat(run("server", "@" + args)).isEqualTo(ExitCode.USAGE);
        assertThat(err()).contains("'@" + args + "' (expected: options only)");
    }

    @Test
    void anAgentTellsOfATokenThatIsNone() throws Exception {
        Path token = Files.writeString(directory.resolve("token"), "cv1.not-a-token\n");
        assertThat(run("agent", "--server", "127.0.0.1:1", "--token-file", token.toString()))
                .isEqualTo(ExitCode.USAGE);
        assertThat(err()).startsWith("culvert agent: " + token + ": ").doesNotContain("not-a-token");
    }

    @Test
    void anAgentsTokenMayComeByStandardInput() {
        assertThat(run("agent", "--server", "127.0.0.1:1", "--token-file", "-")).isEqualTo(ExitCode.USAGE);
        assertThat(err()).startsWith("culvert agent: standard input: empty (expected: the join token");
    }

    @Test
    void aServersTakenPortIsNamed() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String bridge = "127.0.0.1:" + taken.getLocalPort();
            String data = directory.resolve("data").toString();
            assertThat(run("server", "--data", data, "--http", "127.0.0.1:0", "--bridge", bridge))
                    .isEqualTo(ExitCode.FAILURE);
            assertThat(err())
                    .isEqualTo("culvert server: bridge port " + bridge + ": is taken: another process listens there\n");
        }
    }

    @Test
    void exposeSaysThatNoServerIsThere() throws Exception {
        int free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }
        assertThat(run("expose", "8080", "--server", "http://127.0.0.1:" + free))
                .isEqualTo(ExitCode.FAILURE);
        assertThat(err())
                .isEqualTo("culvert expose: no server at http://127.0.0.1:" + free
                        + ": nobody answers there (is it running there?)\n");
    }

    @Test
    void exposeNeedsATarget() {
        assertThat(run("expose", "--ttl", "soon")).isEqualTo(ExitCode.USAGE);
        assertThat(err())
                .contains("for 2 reasons")
                .contains("TARGET is missing")
                .contains("flag --ttl: 'soon'");
    }

    @Test
    void exposeNamesTheKeyFileThatIsMissing() {
        assertThat(run("expose", "8080", "--key-file", directory.resolve("none").toString()))
                .isEqualTo(ExitCode.USAGE);
        assertThat(err()).contains("none: no such file (expected: a file with an API key)");
    }

    @Test
    void certTellsWhenTheServersCertificateRenewsItself() throws Exception {
        InstantSource start = InstantSource.fixed(Instant.parse("2026-11-23T00:00:00Z"));
        var unused = ServerIdentity.loadOrCreate(directory, start, new SecureRandom());
        assertThat(run("cert", "--data", directory.toString())).isEqualTo(ExitCode.OK);
        assertThat(out())
                .contains("CA: CN=Culvert CA, valid from 2026-11-22T00:00:00Z to 2046-11-23T00:00:00Z\n")
                .contains("server: CN=Culvert server, valid from 2026-11-22T00:00:00Z to 2027-11-23T00:00:00Z,"
                        + " renews itself after 2027-07-24T00:00:00Z\n")
                .doesNotContain("PRIVATE KEY");
    }

    @Test
    void certTellsWhenNothingCanBeRenewedAnyMore() throws Exception {
        InstantSource start = InstantSource.fixed(Instant.parse("2026-11-23T00:00:00Z"));
        InstantSource late = InstantSource.fixed(Instant.parse("2046-10-01T00:00:00Z"));
        var first = ServerIdentity.loadOrCreate(directory, start, new SecureRandom());
        var last = ServerIdentity.loadOrCreate(directory, late, new SecureRandom());
        assertThat(last.pin()).isEqualTo(first.pin());
        assertThat(run("cert", "--data", directory.toString())).isEqualTo(ExitCode.OK);
        assertThat(out())
                .contains("server: CN=Culvert server, valid from 2046-09-30T00:00:00Z to 2046-11-23T00:00:00Z,"
                        + " which is the CA's end: agents will need new join tokens and bundles by then\n");
    }

    private int run(String... args) {
        Console console = new Console(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                new ByteArrayInputStream(new byte[0]),
                Map.of());
        return new Culvert(console).run(args);
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
