package io.culvert.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.control.PortPool;
import io.culvert.control.caller.Role;
import io.culvert.gateway.Cidr;
import io.culvert.gateway.PortRange;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerConfigTest {
    @TempDir
    Path directory;

    @Test
    void poolsHaveNames() throws Exception {
        ServerConfig config =
                read(Map.of("quarantine", "5m"), Map.of("CULVERT_POOL", "web=8000-8999,games=27000-27999"));
        assertThat(config.pools())
                .containsExactly(new PortPool("web", 8000, 8999), new PortPool("games", 27000, 27999));
        assertThat(config.quarantine()).isEqualTo(Duration.ofMinutes(5));
        assertThatThrownBy(() -> read(Map.of(), Map.of("CULVERT_POOL", "web=1-2,web=3-4")))
                .hasMessageContaining("pool: 'web' is there twice");
        assertThatThrownBy(() -> read(Map.of(), Map.of("CULVERT_POOL", "default=1-2")))
                .hasMessageContaining("is what --ports is called");
        assertThatThrownBy(() -> read(Map.of(), Map.of("CULVERT_POOL", "web=0,=1-2,a b=1-2,web")))
                .hasMessageContaining("'web=0'")
                .hasMessageContaining("'=1-2'")
                .hasMessageContaining("'a b=1-2'")
                .hasMessageContaining("'web'");
    }

    @Test
    void defaultsAreSafe() throws Exception {
        assertThat(read(Map.of(), Map.of()))
                .isEqualTo(new ServerConfig(
                        Path.of("./data"),
                        new Address("127.0.0.1", 8000),
                        new Address("0.0.0.0", 7000),
                        "0.0.0.0",
                        new PortRange(20000, 29999),
                        Optional.empty(),
                        false,
                        false,
                        List.of()));
    }

    @Test
    void aCommonCertificateIsAPair() throws Exception {
        ServerConfig config = read(Map.of("bridge-cert", "a.crt", "bridge-key", "a.key", "udp-idle", "2m"), Map.of());
        assertThat(config.bridgeCert()).contains(Path.of("a.crt"));
        assertThat(config.bridgeKey()).contains(Path.of("a.key"));
        assertThat(config.udpIdle()).isEqualTo(Duration.ofMinutes(2));
        assertThat(faults(Map.of("bridge-cert", "a.crt"), Map.of()))
                .containsExactly("bridge-cert: without bridge-key (expected: both or neither)");
        assertThat(faults(Map.of(), Map.of("CULVERT_BRIDGE_KEY", "a.key")))
                .containsExactly("bridge-key: without bridge-cert (expected: both or neither)");
    }

    @Test
    void httpsIsOfOneKind() throws Exception {
        ServerConfig given = read(
                Map.of("tls-cert", "a.crt", "tls-key", "a.key", "http-redirect", "0.0.0.0:80"),
                Map.of("CULVERT_TRUSTED_PROXY", "10.0.0.1,fd00::/8", "CULVERT_PUBLIC_URL", "https://t.example"));
        assertThat(given.https().on()).isTrue();
        assertThat(given.https().cert()).contains(Path.of("a.crt"));
        assertThat(given.https().key()).contains(Path.of("a.key"));
        assertThat(given.https().redirect()).contains(new Address("0.0.0.0", 80));
        assertThat(given.https().proxies()).containsExactly(Cidr.parse("10.0.0.1"), Cidr.parse("fd00::/8"));
        assertThat(given.https().publicUrl()).contains(URI.create("https://t.example"));
        HttpsConfig own = read(Map.of("tls", "self"), Map.of("CULVERT_TLS_NAME", "a.example,192.0.2.1"))
                .https();
        assertThat(own.on()).isTrue();
        assertThat(own.names()).containsExactly("a.example", "192.0.2.1");
        assertThat(read(Map.of(), Map.of()).https()).isEqualTo(HttpsConfig.none());
        assertThat(faults(Map.of("tls-cert", "a"), Map.of()))
                .containsExactly("tls-cert: without tls-key (expected: both or neither)");
        assertThat(faults(Map.of("tls-key", "a"), Map.of()))
                .containsExactly("tls-key: without tls-cert (expected: both or neither)");
        assertThat(faults(Map.of("tls", "self", "tls-cert", "a", "tls-key", "b"), Map.of()))
                .containsExactly("tls-cert: with tls self (expected: one of the two)");
        assertThat(faults(Map.of("tls-name", "a.example", "http-redirect", "0.0.0.0:80"), Map.of()))
                .containsExactly(
                        "tls-name: without tls self (expected: a certificate that it is for)",
                        "http-redirect: without tls-cert or tls self (expected: HTTPS to lead to)");
    }

    @Test
    void aProviderIsWholeAndItsSecretIsNotShown() throws Exception {
        Map<String, String> flags = Map.of(
                "oidc-issuer", "https://id.example/realm",
                "oidc-client-id", "culvert",
                "public-url", "https://t.example",
                "oidc-group", "a=b=default:member");
        ServerConfig config = read(flags, Map.of("CULVERT_OIDC_CLIENT_SECRET", "s3cret-of-the-client"));
        OidcConfig provider = config.logins().provider().orElseThrow();
        assertThat(provider.issuer()).isEqualTo(URI.create("https://id.example/realm"));
        assertThat(provider.clientSecret()).contains("s3cret-of-the-client");
        assertThat(provider.groups())
                .containsExactly(new GroupRole("a=b", Optional.of("default"), Optional.of(Role.MEMBER)));
        assertThat(config.toString()).doesNotContain("s3cret");
        assertThat(faults(
                        Map.of("oidc-client-id", "x", "oidc-group", "a=admin"),
                        Map.of("CULVERT_OIDC_CLIENT_SECRET", "y")))
                .containsExactly(
                        "oidc-client-id: without oidc-issuer (expected: a provider that it is for)",
                        "oidc-group: without oidc-issuer (expected: a provider that it is for)",
                        "environment CULVERT_OIDC_CLIENT_SECRET: without oidc-issuer (expected: a provider that it is for)");
        assertThat(faults(Map.of("oidc-issuer", "http://id.example"), Map.of()))
                .hasSize(3)
                .anySatisfy(fault -> assertThat(fault).startsWith("oidc-issuer: without oidc-client-id"))
                .anySatisfy(fault -> assertThat(fault).startsWith("oidc-issuer: without public-url"))
                .anySatisfy(fault -> assertThat(fault).startsWith("oidc-issuer: 'http://id.example' (expected: https"));
        assertThat(faults(
                        Map.of(
                                "oidc-issuer", "http://127.0.0.1:1/x",
                                "oidc-client-id", "c",
                                "public-url", "http://t.example",
                                "oidc-client-secret-file", "f"),
                        Map.of("CULVERT_OIDC_CLIENT_SECRET", "y")))
                .containsExactly(
                        "public-url: 'http://t.example' with oidc-issuer (expected: https://…)",
                        "oidc-client-secret-file: with CULVERT_OIDC_CLIENT_SECRET (expected: one of the two)");
    }

    @Test
    void aSlipInAVariablesNameIsAnsweredWithTheNamesThatAreLikeIt() {
        assertThat(faults(Map.of(), Map.of("CULVERT_FILE_KEY", "f", "CULVERT_HTPT", "1", "CULVERT_", "2")))
                .containsExactly(
                        "environment CULVERT_: no such setting (expected: one that a command's --help names)",
                        "environment CULVERT_FILE_KEY: no such setting (expected: CULVERT_CLIENT_KEY_FILE, CULVERT_EXPOSE_KEY_FILE or another one that a command's --help names)",
                        "environment CULVERT_HTPT: no such setting (expected: one that a command's --help names)");
    }

    @Test
    void allFaultsAreToldAtOnce() throws Exception {
        Path file = file("http: 1\nhtpp: 2\nbridge: a:1\nbridge: b:1\nagent:\n  servr: c:1\nopen:\n");
        assertThat(faults(
                        Map.of("ports", "9-1", "config", file.toString()),
                        Map.of(
                                "CULVERT_PORT", "1",
                                "CULVERT_BRIDGE", "x",
                                "CULVERT_LOG", "trace",
                                "EXPOSE_PORT", "http",
                                "AUTHORIZE_KEYS", " ",
                                "HOME", "/root")))
                .satisfiesExactlyInAnyOrder(
                        fault -> assertThat(fault)
                                .isEqualTo(
                                        "environment CULVERT_PORT: no such setting (expected: CULVERT_EXPOSE_PORT, CULVERT_PORTS or another one that a command's --help names)"),
                        fault -> assertThat(fault)
                                .isEqualTo("environment CULVERT_LOG: 'trace' (expected: debug, info or warn)"),
                        fault -> assertThat(fault)
                                .startsWith(
                                        "file " + file
                                                + " line 2: 'htpp' (expected: one of admin-password-file, agent, bridge, bridge-cert, bridge-key, client, data, db, "),
                        fault -> assertThat(fault)
                                .isEqualTo("file " + file + " line 4 bridge: stands there twice (expected: once)"),
                        fault -> assertThat(fault)
                                .isEqualTo(
                                        "file " + file
                                                + " line 6: 'agent.servr' (expected: one of allow, credential-file, server, sessions, token-file)"),
                        fault -> assertThat(fault)
                                .isEqualTo("file " + file + " line 7 open: no value (expected: true or false)"),
                        fault ->
                                assertThat(fault).startsWith("file " + file + " line 1 http: '1' (expected: HOST:PORT"),
                        fault -> assertThat(fault).startsWith("environment EXPOSE_PORT: 'http' (expected: 0 to 65535)"),
                        fault -> assertThat(fault).startsWith("environment CULVERT_BRIDGE: 'x' (expected: HOST:PORT"),
                        fault -> assertThat(fault)
                                .isEqualTo(
                                        "flag --ports: '9-1' (expected: FROM-TO with 1 ≤ FROM ≤ TO ≤ 65535, or 0 for any free port)"),
                        fault -> assertThat(fault)
                                .startsWith("environment AUTHORIZE_KEYS: blank (expected: one key or several"));
    }

    @Test
    void theFileIsNamedByTheEnvironmentToo() throws Exception {
        Path file = file("http: '[::1]:0'\nports: 0\n# a comment\nexpose: {ttl: 5m}\n");
        ServerConfig config = read(Map.of(), Map.of("CULVERT_CONFIG", file.toString()));
        assertThat(config.http()).isEqualTo(new Address("::1", 0));
        assertThat(config.ports()).isEqualTo(PortRange.ANY);
    }

    @Test
    void yamlsOwnIdeasOfValuesStayOut() throws Exception {
        // To YAML 1.1, 12:30 is a number in base sixty and 0x10 is sixteen.
        Path file = file("expose-host: 012\nports: 0x10\n");
        assertThat(faults(Map.of("config", file.toString()), Map.of())).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "- a\n",
                "just text",
                "http: [a, b]\n",
                "http: {a: b}\n",
                "a: b: c",
                "\tx: 1",
                "agent: 5",
                "? [a]\n: b\n",
                "--- 1\n--- 2\n"
            })
    void aFileThatIsNoneIsRefused(String text) throws Exception {
        Path file = file(text);
        assertThat(faults(Map.of("config", file.toString()), Map.of()))
                .hasSize(1)
                .allSatisfy(
                        fault -> assertThat(fault).startsWith("file " + file).contains(" (expected: "));
    }

    @Test
    void aFileThatIsMissingOrNoTextIsRefused() throws Exception {
        Path missing = directory.resolve("missing.yaml");
        assertThat(faults(Map.of("config", missing.toString()), Map.of()))
                .containsExactly("file " + missing + ": no such file (expected: a configuration file)");
        Path binary = Files.write(directory.resolve("binary.yaml"), new byte[] {'a', ':', ' ', (byte) 0xff});
        assertThat(faults(Map.of("config", binary.toString()), Map.of()))
                .containsExactly("file " + binary + ": not UTF-8 (expected: a text file in UTF-8)");
    }

    @Test
    void anEmptyFileSetsNothing() throws Exception {
        Path file = file("# nothing yet\n");
        assertThat(read(Map.of("config", file.toString()), Map.of())).isEqualTo(read(Map.of(), Map.of()));
    }

    @Test
    void theSeedsPortOpensTheApiToTheNetwork() throws Exception {
        assertThat(read(Map.of(), Map.of("EXPOSE_PORT", "8080")).http()).isEqualTo(new Address("0.0.0.0", 8080));
        Path file = file("http: 127.0.0.1:3\n");
        assertThat(read(Map.of("http", "127.0.0.1:1"), Map.of("EXPOSE_PORT", "8080"))
                        .http()
                        .port())
                .isEqualTo(1);
        assertThat(read(Map.of(), Map.of("EXPOSE_PORT", "8080", "CULVERT_HTTP", "127.0.0.1:2"))
                        .http()
                        .port())
                .isEqualTo(2);
        assertThat(read(Map.of("config", file.toString()), Map.of("EXPOSE_PORT", "8080"))
                        .http()
                        .port())
                .isEqualTo(3);
    }

    @Test
    void theSeedsKeysAreRead() throws Exception {
        ServerConfig config = read(Map.of(), Map.of("AUTHORIZE_KEYS", "first-secret, second-secret,first-secret"));
        assertThat(config.apiKeys()).containsExactly("first-secret", "second-secret");
        assertThat(config.toString()).doesNotContain("secret").contains("2 MASKED");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", ",", "top-secret,", ",top-secret", "top-secret, ,b"})
    void aBlankKeyIsAFaultThatTellsNoKey(String text) {
        assertThat(faults(Map.of(), Map.of("AUTHORIZE_KEYS", text)))
                .hasSize(1)
                .allSatisfy(fault -> assertThat(fault).contains("blank").doesNotContain("top-secret"));
    }

    @ParameterizedTest
    @CsvSource({"0.0.0.0:8000", "[::]:8000", "192.168.1.1:8000", "example.org:8000"})
    void openIsForThisMachineAlone(String http) {
        assertThat(faults(Map.of("open", "true", "http", http), Map.of()))
                .hasSize(1)
                .allSatisfy(fault -> assertThat(fault).startsWith("open: with http " + http));
    }

    @Test
    void openGoesWithLoopbackAndWithoutKeys() throws Exception {
        assertThat(read(Map.of("open", "true"), Map.of()).open()).isTrue();
        assertThat(read(Map.of("open", "true", "http", "[::1]:0"), Map.of()).open())
                .isTrue();
        assertThat(read(Map.of("open", "false", "http", "0.0.0.0:0"), Map.of("CULVERT_OPEN", "true"))
                        .open())
                .isFalse();
        assertThat(faults(Map.of("open", "true"), Map.of("EXPOSE_PORT", "8080")))
                .hasSize(1);
        assertThat(faults(Map.of("open", "true"), Map.of("AUTHORIZE_KEYS", "k")))
                .hasSize(1);
    }

    @Test
    void theFaultsOfTheCommandLineComeFirst() {
        assertThatThrownBy(() ->
                        ServerConfig.read(new Flags(Map.of("http", List.of("x")), List.of("no such option")), Map.of()))
                .isInstanceOfSatisfying(
                        ConfigException.class,
                        e -> assertThat(e.faults()).hasSize(2).first().isEqualTo("no such option"));
    }

    private Path file(String text) throws Exception {
        return Files.writeString(directory.resolve("culvert.yaml"), text);
    }

    private static ServerConfig read(Map<String, String> flags, Map<String, String> environment)
            throws ConfigException {
        Map<String, List<String>> values = new HashMap<>();
        flags.forEach((name, text) -> values.put(name, List.of(text)));
        return ServerConfig.read(Flags.of(values), environment);
    }

    private static List<String> faults(Map<String, String> flags, Map<String, String> environment) {
        try {
            return List.of("no fault, but " + read(flags, environment));
        } catch (ConfigException e) {
            return e.faults();
        }
    }
}
