package io.culvert.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What only a terminal shows, on one that {@code script} makes; and HTTPS with an authority that nobody else knows. */
class TerminalIT {
    @RegisterExtension
    final World world = new World();

    @Test
    void aKeyThatIsTypedIsNotSeen() throws Exception {
        RunningServer server = world.server();
        String key = Files.readString(server.data().resolve("admin.key")).strip();
        Path typed = world.secret("typed", key);
        Map<String, String> environment =
                Map.of("XDG_CONFIG_HOME", world.directory().resolve("config").toString());
        Program login = onTerminal("login", environment, typed, "login", "--server=" + server.url());
        assertThat(login.exit()).as(login.report()).isZero();
        assertThat(login.out())
                .contains("API key for " + server.url() + ": ", "profile 'default' is kept in")
                .doesNotContain(key);
        Path profile = world.directory().resolve("config/culvert/profiles/default.yaml");
        assertThat(profile).content().contains(key);

        // The profile is enough for everything that asks a server, expose among it.
        EchoService service = world.closing(EchoService.start());
        Program expose = world.culvert("expose", environment, "expose", String.valueOf(service.port()));
        expose.awaitLine(line -> line.endsWith(" leads to 127.0.0.1:" + service.port()));

        Program coloured = onTerminal("coloured", environment, typed, "tunnel", "list");
        assertThat(coloured.exit()).as(coloured.report()).isZero();
        assertThat(coloured.out()).contains("\u001b[", "up");
        Map<String, String> plain = new HashMap<>(environment);
        plain.put("NO_COLOR", "1");
        Program grey = onTerminal("grey", plain, typed, "tunnel", "list");
        assertThat(grey.exit()).as(grey.report()).isZero();
        assertThat(grey.out()).contains("up").doesNotContain("\u001b[");
        expose.interrupt();
        assertThat(expose.exit()).isEqualTo(130);
    }

    @Test
    void anAuthorityOfOnesOwnIsTrustedWhereItIsNamed() throws Exception {
        RunningServer server = world.server(Map.of(), "--http=127.0.0.1:0", "--tls=self", "--tls-name=127.0.0.1");
        String url = server.url().replace("http://", "https://");
        Path ca = world.directory().resolve("ca.pem");
        Program cert = world.culvert("cert", Map.of(), "cert", "--data=" + server.data());
        assertThat(cert.exit()).as(cert.report()).isZero();
        Files.writeString(ca, cert.out());
        String keyFile = "--key-file=" + server.data().resolve("admin.key");

        Program stranger = world.culvert("stranger", Map.of(), "tunnel", "list", "--server=" + url, keyFile);
        assertThat(stranger.exit()).isEqualTo(1);
        assertThat(stranger.err()).contains("certif").doesNotContain("Exception");
        Program known = world.culvert("known", Map.of(), "tunnel", "list", "--server=" + url, keyFile, "--ca=" + ca);
        assertThat(known.exit()).as(known.report()).isZero();
        EchoService service = world.closing(EchoService.start());
        Program expose = world.culvert(
                "expose", Map.of(), "expose", String.valueOf(service.port()), "--server=" + url, keyFile, "--ca=" + ca);
        expose.awaitLine(line -> line.endsWith(" leads to 127.0.0.1:" + service.port()));
        expose.interrupt();
        assertThat(expose.exit()).isEqualTo(130);
        Program none = world.culvert(
                "none", Map.of(), "expose", "80", "--server=" + url, keyFile, "--ca=" + world.secret("no.pem", "x"));
        assertThat(none.exit()).isEqualTo(2);
        assertThat(none.err()).contains("no.pem");
    }

    /** Runs a command whose input and output are a terminal; a person types what is in a file, once asked for a key. */
    private Program onTerminal(String name, Map<String, String> environment, Path typed, String... words) {
        List<String> quoted = new ArrayList<>();
        for (String word : world.command(words)) {
            quoted.add("'" + word + "'");
        }
        Map<String, String> all = new HashMap<>(environment);
        all.putIfAbsent("TERM", "xterm");
        // What is typed before the question comes is echoed by the terminal, whoever reads it.
        Path seen = world.directory().resolve(name + ".seen");
        String types = "until grep -qs 'API key' " + seen + "; do sleep 0.05; done; cat " + typed;
        String runs = World.tool("script", "bsdutils") + " -qefc \"" + String.join(" ", quoted) + "\" " + seen;
        boolean asked = List.of(words).contains("login");
        return world.program(name, all, List.of("sh", "-c", asked ? "(" + types + ") | " + runs : runs));
    }
}
