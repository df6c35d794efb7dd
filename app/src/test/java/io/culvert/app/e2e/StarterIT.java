package io.culvert.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The starter beside {@code culvert.jar}, with the archive that the build made. */
class StarterIT {
    private static final String TOLD = "culvert 0\\.1\\.0 \\(Java .*\\)\n";
    private static final Map<String, String> JAVA = Map.of("JAVA_HOME", System.getProperty("java.home"));

    @RegisterExtension
    final World world = new World();

    @ParameterizedTest
    @CsvSource({
        "server, io.culvert.app.ServerCommand",
        "agent, io.culvert.app.AgentCommand",
        "expose, io.culvert.app.ExposeCommand"
    })
    void takesTheProgramFromTheArchive(String command, String itsClass) {
        // A word too many: as far as a command can go without anything to do.
        Program program = world.program(
                command,
                Map.of("JAVA_HOME", System.getProperty("java.home"), "JDK_JAVA_OPTIONS", "-Xlog:class+load"),
                List.of(built("culvert").toString(), command, "--no-such-option"));
        assertThat(program.exit()).isEqualTo(2);
        assertThat(program.out()).containsPattern(Pattern.quote(itsClass) + " source: (shared objects file|.*AOT)");
    }

    @Test
    void isFoundThroughALink() throws IOException {
        Path link = Files.createSymbolicLink(world.directory().resolve("culvert"), built("culvert"));
        Program version = world.program("version", JAVA, List.of(link.toString(), "version"));
        assertThat(version.exit()).isZero();
        assertThat(version.out()).matches(TOLD);
        assertThat(version.err()).isEmpty();
    }

    @Test
    void saysNothingOfAnArchiveThatDoesNotFit() throws IOException {
        Path elsewhere = Files.createDirectory(world.directory().resolve("a folder"));
        for (String file : List.of("culvert", "culvert.jar")) {
            Files.copy(built(file), elsewhere.resolve(file));
        }
        String starter = elsewhere.resolve("culvert").toString();
        assertThat(elsewhere.resolve("culvert").toFile().setExecutable(true)).isTrue();
        Program without = world.program("without", JAVA, List.of(starter, "version"));
        assertThat(without.exit()).isZero();
        assertThat(without.out()).matches(TOLD);
        assertThat(without.err()).isEmpty();
        Files.writeString(elsewhere.resolve("culvert-client.jsa"), "no archive");
        Program broken = world.program("broken", JAVA, List.of(starter, "version"));
        assertThat(broken.exit()).isZero();
        assertThat(broken.out()).matches(TOLD);
        assertThat(broken.err()).isEmpty();
        Files.writeString(elsewhere.resolve("culvert-client.aot"), "no archive");
        Program brokenCache = world.program("broken-cache", JAVA, List.of(starter, "version"));
        assertThat(brokenCache.exit()).isZero();
        assertThat(brokenCache.out()).matches(TOLD);
    }

    @ParameterizedTest
    @ValueSource(strings = {"JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS"})
    void leavesTheChoiceOfACollectorToWhoMakesOne(String variable) {
        Program version = world.program(
                "version",
                Map.of("JAVA_HOME", System.getProperty("java.home"), variable, "-XX:+UseParallelGC"),
                List.of(built("culvert").toString(), "version"));
        assertThat(version.exit()).isZero();
        assertThat(version.out()).matches(TOLD);
    }

    /** As cron and containers start it. */
    @Test
    void readsAndWritesEveryLetterWhereNoLanguageIsSaid() {
        Program list = world.program(
                "list",
                Map.of("JAVA_HOME", System.getProperty("java.home"), "LC_ALL", "C"),
                // By a shell: how this Java hands words over is its own language's affair.
                List.of(
                        "sh",
                        "-c",
                        "exec \"$0\" tunnel list --output \"$(printf '\\344\\270\\255')\"",
                        built("culvert").toString()));
        assertThat(list.exit()).isEqualTo(2);
        assertThat(list.err()).contains("flag --output: '\u4e2d' (expected: table, json or yaml)");
    }

    /** Java has no option for that, and what stands for it could mean something else to another Java. */
    @Test
    void keepsTheGoodCompilerForBytesAndCiphers() throws IOException {
        Program server = firstStart(JAVA);
        Program jcmd = world.program(
                "jcmd",
                Map.of(),
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        String.valueOf(server.pid()),
                        "Compiler.codelist"));
        assertThat(jcmd.exit()).isZero();
        // number, level, state, method, addresses
        List<String> compiled = jcmd.out().lines().toList();
        // None of the three is so small that Java would never think of the good compiler for it.
        assertThat(compiled)
                .as("without counters, where it gave up")
                .anyMatch(
                        line -> line.matches("\\d+ 1 -?\\d java\\.lang\\.String\\.(hashCode|charAt|startsWith)\\(.*"));
        assertThat(compiled.stream().filter(line -> line.matches("\\d+ 4 .*")))
                .as("by the good compiler")
                .isNotEmpty()
                .allMatch(line -> line.matches("\\d+ 4 -?\\d (io\\.netty|io\\.culvert\\.(link|gateway|agent)"
                        + "|org\\.bouncycastle\\.crypto|com\\.sun\\.crypto|sun\\.security\\.provider)\\..*"));
    }

    /**
     * A first start hashes the password of a file in 19 MB, as each sign-in does, and visitors wait while the collector goes through everything. Since Java 23 it does not have to,
     * however small the steps of its heap.
     */
    @Test
    void findsRoomForAPasswordInFewCollectionsOfEverything() throws IOException {
        Program server =
                firstStart(Map.of("JAVA_HOME", System.getProperty("java.home"), "JDK_JAVA_OPTIONS", "-Xlog:gc"));
        List<String> pauses =
                server.out().lines().filter(line -> line.contains("Pause ")).toList();
        assertThat(pauses).as("those of the young").anyMatch(line -> line.contains("Pause Young"));
        assertThat(pauses.stream().filter(line -> line.contains("Pause Full")))
                .as("three with Java's own smallest steps")
                .hasSizeLessThanOrEqualTo(2);
    }

    /** With a password to hash, which is work for the collector and for the good compiler. */
    private Program firstStart(Map<String, String> environment) throws IOException {
        Path password = Files.writeString(world.directory().resolve("password"), "a long enough one");
        List<String> command = new ArrayList<>(List.of(built("culvert").toString()));
        command.addAll(world.serverWords("--http=127.0.0.1:0", "--admin-password-file=" + password));
        Program server = world.program("server", environment, command);
        server.awaitLine(RunningServer::isReadyLine);
        return server;
    }

    private static Path built(String file) {
        return Path.of(System.getProperty("culvert.jar", "target/culvert.jar"))
                .toAbsolutePath()
                .resolveSibling(file);
    }
}
