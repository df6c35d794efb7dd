package io.culvert.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The commands that ask a server, as a shell runs them: real processes, exit codes, files and signals. What each command says is tried
 * in {@code TunnelCommandsTest}, without a process for each.
 */
class TunnelIT {
    @RegisterExtension
    final World world = new World();

    @Test
    void aJobLeasesATunnelRenewsItAndDies() throws Exception {
        RunningServer server = world.server();
        EchoService service = world.closing(EchoService.start());
        Path config = world.directory().resolve("config");
        Map<String, String> environment = Map.of("XDG_CONFIG_HOME", config.toString());

        Program login = world.culvert(
                "login",
                environment,
                "login",
                "--server=" + server.url(),
                "--key-file=" + server.data().resolve("admin.key"));
        assertThat(login.exit()).as(login.report()).isZero();
        Path profile = config.resolve("culvert/profiles/default.yaml");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(profile)))
                .isEqualTo("rw-------");

        Path token = world.directory().resolve("job.token");
        Program create = world.culvert(
                "create",
                environment,
                "tunnel",
                "create",
                String.valueOf(service.port()),
                "--name=job",
                "--ttl=60s",
                "--token-file=" + token,
                "-o=json");
        assertThat(create.exit()).as(create.report()).isZero();
        JsonNode tunnel = new ObjectMapper().readTree(create.out());
        assertThat(tunnel.path("join").isNull()).isTrue();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(token)))
                .isEqualTo("rw-------");

        world.culvert("agent", environment, "agent", "--server=" + server.bridge(), "--token-file=" + token);
        Program renewing = world.culvert("renewing", environment, "tunnel", "renew", "job", "--every=1s");
        Program watching = world.culvert("watching", environment, "tunnel", "watch", "job", "--after=0");
        Visitor.awaitServed(tunnel.at("/exposes/0/port").asInt());
        watching.awaitLine(line -> line.contains("  up  "));
        watching.awaitLine(line -> line.contains("  renewed  "));

        // Ctrl-C, as a shell sends it.
        renewing.interrupt();
        assertThat(renewing.exit(Duration.ofSeconds(10))).isEqualTo(130);
        assertThat(renewing.err()).isEmpty();

        Program delete = world.culvert("delete", environment, "tunnel", "delete", "job");
        assertThat(delete.exit()).as(delete.report()).isZero();
        assertThat(watching.exit()).as(watching.report()).isEqualTo(3);
        assertThat(watching.err()).contains(" (job) has ended: ").doesNotContain("Exception");

        Program gone = world.culvert("gone", environment, "tunnel", "renew", "job");
        assertThat(gone.exit()).isEqualTo(3);
        assertThat(gone.err()).isEqualTo("culvert tunnel renew: no living tunnel has the name 'job'\n");
    }

    @Test
    void bashCompletesWhatTheScriptSays() throws Exception {
        Program completion = world.culvert("completion", Map.of(), "completion", "bash");
        assertThat(completion.exit()).as(completion.report()).isZero();
        Path script = Files.writeString(world.directory().resolve("culvert.bash"), completion.out());
        String bash = World.tool("bash", "bash");
        Program parses = world.program("parses", Map.of(), List.of(bash, "-n", script.toString()));
        assertThat(parses.exit()).as(parses.report()).isZero();

        assertThat(completed(bash, script, "culvert", "tun")).containsExactly("tunnel");
        assertThat(completed(bash, script, "culvert", "tunnel", "re")).contains("renew", "resume");
        assertThat(completed(bash, script, "culvert", "tunnel", "create", "--max"))
                .containsExactly("--max-lifetime");
        assertThat(completed(bash, script, "culvert", "tunnel", "list", "--output", ""))
                .containsExactlyInAnyOrder("table", "json", "yaml");
        assertThat(completed(bash, script, "culvert", ""))
                .contains("tunnel", "port", "login")
                .doesNotContain("demo");
    }

    @Test
    void zshCompletesTheSame() throws Exception {
        Program completion = world.culvert("completion", Map.of(), "completion", "zsh");
        assertThat(completion.exit()).as(completion.report()).isZero();
        Path script = Files.writeString(world.directory().resolve("culvert.zsh"), completion.out());
        String zsh = World.tool("zsh", "zsh");
        Program parses = world.program("parses", Map.of(), List.of(zsh, "-n", script.toString()));
        assertThat(parses.exit()).as(parses.report()).isZero();

        // As a person does it: zsh's own line editor, in a terminal of its own, is asked with a tab.
        Path asks = Files.writeString(world.directory().resolve("asks.zsh"), """
                zmodload zsh/zpty
                zpty asked %s -fi
                read_until() {
                  local said
                  while zpty -r asked said; do
                    print -r -- "$said"
                    [[ $said == *$1* ]] && return
                  done
                }
                zpty -w asked "PS1=; autoload -Uz compinit; compinit -u -D; source %s; print rea''dy"
                read_until ready
                zpty -w -n asked $'culvert tun\t --he\t'
                zpty -w asked "; print do''ne"
                read_until done
                zpty -d asked
                """.formatted(zsh, script));
        Program shell = world.program(
                "zsh",
                Map.of("PATH", stub() + ":" + System.getenv("PATH"), "TERM", "xterm"),
                List.of(zsh, "-f", asks.toString()));
        assertThat(shell.exit()).as(shell.report()).isZero();
        assertThat(shell.out()).contains("culvert was asked: tunnel --help");
    }

    /** A directory with a command {@code culvert} that says what it was asked. */
    private String stub() throws Exception {
        Path directory = Files.createDirectories(world.directory().resolve("stub"));
        Path command = Files.writeString(directory.resolve("culvert"), "#!/bin/sh\necho \"culvert was asked: $*\"\n");
        Files.setPosixFilePermissions(command, PosixFilePermissions.fromString("rwx------"));
        return directory.toString();
    }

    /** What bash offers behind these words. */
    private List<String> completed(String bash, Path script, String... words) throws Exception {
        List<String> quoted = new ArrayList<>();
        for (String word : words) {
            quoted.add("'" + word + "'");
        }
        Program shell = world.program(
                "complete",
                Map.of(),
                List.of(
                        bash,
                        "--norc",
                        "-c",
                        "source " + script + "; COMP_WORDS=(" + String.join(" ", quoted) + "); COMP_CWORD="
                                + (words.length - 1)
                                + "; _complete_culvert 2> /dev/null; printf '%s\\n' \"${COMPREPLY[@]}\""));
        assertThat(shell.exit()).as(shell.report()).isZero();
        return shell.out()
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .toList();
    }
}
