package io.culvert.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.culvert.agent.Agent;
import io.culvert.app.TestServer.Ran;
import io.culvert.app.process.ExitCode;
import io.culvert.client.State;
import io.culvert.client.Tunnel;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.yaml.snakeyaml.Yaml;

/** The commands that ask a server, against a real one: what they say, what they leave, and what they answer. */
class TunnelCommandsTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path directory;

    private static TestServer server;

    @BeforeAll
    static void start() throws Exception {
        server = new TestServer(directory);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Ran done(String... words) {
        Ran ran = server.culvert(words);
        assertThat(ran.exit()).as(String.join(" ", words) + "\n" + ran.err()).isZero();
        return ran;
    }

    private static JsonNode json(String... words) throws Exception {
        String[] all = java.util.Arrays.copyOf(words, words.length + 2);
        all[words.length] = "-o";
        all[words.length + 1] = "json";
        String out = done(all).out();
        assertThat(out.lines()).hasSize(1);
        return JSON.readTree(out);
    }

    @Test
    void everythingThatCanBeSaidOfATunnelComesToTheServer() throws Exception {
        JsonNode tunnel = json(
                "tunnel",
                "create",
                "22",
                "udp://[::1]:53",
                "nas.lan:80-0",
                "--name",
                "all",
                "--label",
                "ci/x=build 4711",
                "--label=room=204",
                "--comment",
                "网",
                "--bind",
                "127.0.0.1",
                "--ttl",
                "90s",
                "--grace",
                "1m",
                "--max-lifetime=2h",
                "--expires-at",
                "+1h",
                "--drain-at-end",
                "500ms",
                "--renew-by",
                "session",
                "--warn-before",
                "20s",
                "--warn-before",
                "5s",
                "--allow",
                "192.0.2.0/24",
                "--allow",
                "2001:db8::1",
                "--deny",
                "192.0.2.66",
                "--most-connections",
                "200",
                "--most-per-address",
                "20",
                "--new-per-second",
                "5",
                "--rate-in",
                "1k",
                "--rate-out",
                "2M",
                "--connection-rate-in",
                "3Ki",
                "--connection-rate-out",
                "4",
                "--volume",
                "5G",
                "--idle",
                "2m",
                "--longest",
                "8h",
                "--proxy-protocol",
                "none",
                "--goproxy",
                "--bridge-bare",
                "--bridge-compress");
        assertThat(tunnel.path("exposes")).hasSize(3);
        assertThat(tunnel.at("/exposes/1/protocol").asText()).isEqualTo("udp");
        assertThat(tunnel.at("/exposes/1/target").asText()).isEqualTo("[::1]:53");
        assertThat(tunnel.at("/exposes/2/target").asText()).isEqualTo("nas.lan:80");
        assertThat(tunnel.at("/exposes/0/bind").asText()).isEqualTo("127.0.0.1");
        assertThat(tunnel.at("/labels").toString()).contains("\"ci/x\":\"build 4711\"", "\"room\":\"204\"");
        assertThat(tunnel.at("/comment").asText()).isEqualTo("网");
        assertThat(tunnel.at("/bridge/tls").asBoolean(true)).isFalse();
        assertThat(tunnel.at("/bridge/compress").asBoolean()).isTrue();
        assertThat(tunnel.at("/lease/ttl_seconds").asInt()).isEqualTo(90);
        assertThat(tunnel.at("/lease/grace_seconds").asInt()).isEqualTo(60);
        assertThat(tunnel.at("/lease/max_lifetime_seconds").asInt()).isEqualTo(7200);
        assertThat(tunnel.at("/lease/expires_at").isTextual()).isTrue();
        assertThat(tunnel.at("/lease/on_expiry").toString()).isEqualTo("{\"action\":\"drain\",\"drain_seconds\":0.5}");
        assertThat(tunnel.at("/lease/renew_by").asText()).isEqualTo("session");
        assertThat(tunnel.at("/lease/warn_before_seconds")).hasSize(2);
        assertThat(tunnel.at("/policies").toString())
                .isEqualTo(
                        "{\"visitors\":{\"allow\":[\"192.0.2.0/24\",\"2001:db8::1\"],\"deny\":[\"192.0.2.66\"]},"
                                + "\"connections\":{\"most\":200,\"most_per_address\":20,\"new_per_second\":5},"
                                + "\"bytes_per_second\":{\"in\":1000,\"out\":2000000,\"connection_in\":3072,\"connection_out\":4},"
                                + "\"volume_bytes\":5000000000,\"idle_seconds\":120,\"longest_seconds\":28800,\"proxy_protocol\":\"none\"}");
        assertThat(tunnel.path("join").asText()).startsWith("cv1.");

        String shown = done("tunnel", "get", "all").out();
        assertThat(shown)
                .contains("tunnel " + tunnel.path("id") + " (all): waiting, ")
                .contains("udp://127.0.0.1:")
                .contains(
                        "only from 192.0.2.0/24, 2001:db8::1; not from 192.0.2.66; at most 200; at most 20 from an address")
                .contains("5.00 GB in all")
                .contains("renewed by its agent; warns before: ")
                .contains("ci/x=build 4711 room=204")
                .contains("bare TCP, compressed");

        JsonNode set = json(
                "tunnel",
                "set",
                "all",
                "--allow",
                "none",
                "--volume",
                "none",
                "--idle=none",
                "--ttl",
                "none",
                "--grace",
                "none",
                "--renew-by",
                "api",
                "--drain-at-end",
                "none",
                "--no-label",
                "room",
                "--label",
                "a=b",
                "--rate-out",
                "7",
                "--if-version",
                "1");
        assertThat(set.at("/policies/visitors/allow")).isEmpty();
        assertThat(set.at("/policies/visitors/deny")).hasSize(1);
        assertThat(set.at("/policies/volume_bytes").isNull()).isTrue();
        assertThat(set.at("/policies/idle_seconds").isNull()).isTrue();
        assertThat(set.at("/policies/bytes_per_second/out").asInt()).isEqualTo(7);
        assertThat(set.at("/lease/ttl_seconds").isNull()).isTrue();
        assertThat(set.at("/lease/on_expiry/action").asText()).isEqualTo("cut");
        assertThat(set.at("/labels").toString()).contains("\"a\":\"b\"").doesNotContain("room");
        Ran stale = server.culvert("tunnel", "set", "all", "--comment", "x", "--if-version", "1");
        assertThat(stale.exit()).isEqualTo(ExitCode.REFUSED);
        assertThat(stale.err()).startsWith("culvert tunnel set: ").contains("version 1 was given");
        done("tunnel", "delete", "all");
    }

    @Test
    void aTokenGoesIntoAFileOfItsOwn() throws Exception {
        Path token = directory.resolve("a.token");
        String out = done("tunnel", "create", "80", "--name", "tokens", "--token-file", token.toString())
                .out();
        String join = Files.readString(token).strip();
        assertThat(join).startsWith("cv1.");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(token)))
                .isEqualTo("rw-------");
        assertThat(out).contains("token      in " + token).doesNotContain(join);

        JsonNode rotated = json("tunnel", "rotate-token", "tokens", "--token-file", token.toString());
        assertThat(Files.readString(token).strip()).startsWith("cv1.").isNotEqualTo(join);
        assertThat(rotated.path("join").isNull()).isTrue();
        assertThat(done("tunnel", "rotate-token", "tokens").out()).containsPattern("token +cv1\\.");

        Ran nowhere = server.culvert(
                "tunnel", "create", "80", "--name", "nowhere", "--token-file", directory + "/none/token");
        assertThat(nowhere.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(nowhere.err())
                .contains("flag --token-file: ")
                .contains("expected: a file in a directory that is there");
        assertThat(server.client().tunnels().find("nowhere")).isEmpty();

        Path link = Files.createSymbolicLink(directory.resolve("link"), token);
        assertThat(server.culvert("tunnel", "create", "80", "--name", "nowhere", "--token-file", link.toString())
                        .err())
                .contains("flag --token-file: '" + link + "' (expected: a file")
                .contains("no link, no device");
        assertThat(server.client().tunnels().find("nowhere")).isEmpty();
        assertThat(link).isSymbolicLink();
        done("tunnel", "delete", "tokens");
    }

    @Test
    void aDryRunLeavesNothing() throws Exception {
        assertThat(done("tunnel", "create", "80", "--name", "dry", "--dry-run").out())
                .startsWith("it would be created, with 1 port");
        assertThat(json("tunnel", "create", "80", "--name", "dry", "--dry-run")
                        .path("name")
                        .asText())
                .isEqualTo("dry");
        assertThat(server.client().tunnels().find("dry")).isEmpty();
    }

    @Test
    void theSameKeyFindsTheSameTunnel() throws Exception {
        long id = json("tunnel", "create", "80", "--idempotency-key", "k1")
                .path("id")
                .asLong();
        assertThat(json("tunnel", "create", "80", "--idempotency-key", "k1")
                        .path("id")
                        .asLong())
                .isEqualTo(id);
        done("tunnel", "delete", String.valueOf(id));
    }

    @Test
    @SuppressWarnings("try") // the agent serves meanwhile
    void aTunnelsDay() throws Exception {
        Path token = directory.resolve("day.token");
        done("tunnel", "create", String.valueOf(server.echoPort()), "--name=day", "--ttl=10m", "--token-file=" + token);
        Ran down = server.culvert("tunnel", "probe", "day");
        assertThat(down.exit()).isEqualTo(ExitCode.FAILURE);
        assertThat(down.out()).containsPattern("session +failed .*no agent is connected");
        Ran late = server.culvert("tunnel", "wait", "day", "--timeout", "1ms");
        assertThat(late.exit()).isEqualTo(ExitCode.FAILURE);
        assertThat(late.err()).contains("is still waiting after 1ms");

        try (Agent agent = server.agent(Files.readString(token).strip())) {
            assertThat(done("tunnel", "wait", "day", "--timeout", "30s").out()).contains("(day): up, ");
            assertThat(done("tunnel", "probe", "day").out()).containsPattern("target +ok ");
            assertThat(json("tunnel", "probe", "day").path("ok").asBoolean()).isTrue();
            int port = server.client()
                    .tunnels()
                    .find("day")
                    .orElseThrow()
                    .exposes()
                    .get(0)
                    .port();
            assertThat(done("tunnel", "list").out())
                    .startsWith("ID  NAME")
                    .containsPattern("day +up +127\\.0\\.0\\.1:" + port + " +127\\.0\\.0\\.1:" + server.echoPort()
                            + " +(10m|9m)");
            try (Socket visitor = new Socket(InetAddress.getLoopbackAddress(), port)) {
                visitor.getOutputStream().write("hello".getBytes(StandardCharsets.UTF_8));
                assertThat(visitor.getInputStream().readNBytes(5)).hasSize(5);
                assertThat(done("tunnel", "connections", "day").out())
                        .containsPattern("127\\.0\\.0\\.1:" + visitor.getLocalPort() + " .* 5 B +5 B");
                long connection = json("tunnel", "connections", "day")
                        .at("/connections/0/id")
                        .asLong();
                assertThat(done("tunnel", "cut", "day", String.valueOf(connection))
                                .out())
                        .isEqualTo("connection " + connection + " is gone\n");
                assertThat(visitor.getInputStream().read()).isNegative();
            } catch (java.net.SocketException e) {
                // a reset, as it should be
            }
            assertThat(done("tunnel", "sessions", "day").out()).contains("own", "KIND");
            await().untilAsserted(() -> assertThat(done("tunnel", "usage", "day", "--by", "minute", "--from", "-10m")
                            .out())
                    .containsPattern("1 +0 +5 B +5 B"));
            assertThat(json("tunnel", "usage", "day").path("grain").asText()).isEqualTo("hour");
            assertThat(done("tunnel", "kick", "day", "--all").out()).contains(" is gone");
        }
        assertThat(done("tunnel", "pause", "day").out()).contains("(day): paused, ");
        assertThat(done("tunnel", "resume", "day").out()).contains("(day): waiting, ");
        assertThat(done("tunnel", "renew", "day").out()).contains("lease: 10m");
        assertThat(done("tunnel", "move-port", "day").out()).containsPattern("\\(day\\): 127\\.0\\.0\\.1:\\d+");
        assertThat(done("tunnel", "delete", "day", "--drain", "1s").out()).contains("(day): ");
        await().until(() ->
                server.culvert("tunnel", "wait", "day", "--for", "ended").exit() == ExitCode.OK);
        Ran gone = server.culvert("tunnel", "wait", "day");
        assertThat(gone.exit()).isEqualTo(ExitCode.REFUSED);
        assertThat(gone.err()).contains("(day) has ended: ");
        // Its name still finds it where the past is asked for, and only there.
        assertThat(done("tunnel", "get", "day").out()).contains("(day): ended, ");
        assertThat(server.culvert("tunnel", "renew", "day").exit()).isEqualTo(ExitCode.REFUSED);
        assertThat(json("tunnel", "list", "--state", "ended", "--search", "day").path("tunnels"))
                .isNotEmpty();
    }

    @Test
    void severalAreDoneEachForItself() throws Exception {
        for (String name : List.of("one", "two", "three")) {
            done("tunnel", "create", "80", "--name", name, "--label", "many=yes");
        }
        Ran some = server.culvert("tunnel", "pause", "one", "nobody", "two");
        assertThat(some.exit()).isEqualTo(ExitCode.REFUSED);
        assertThat(some.out()).contains("(one): paused", "(two): paused");
        assertThat(some.err()).isEqualTo("no living tunnel has the name 'nobody'\n");
        Ran documents = server.culvert("tunnel", "get", "one", "two", "-o", "json");
        assertThat(documents.out().lines()).hasSize(2).allMatch(line -> line.startsWith("{\"id\":"));

        assertThat(done("tunnel", "renew", "--label", "many=yes").out().lines()).hasSize(3);
        assertThat(json("tunnel", "renew", "one", "two").path("results")).hasSize(2);
        Ran careful = server.culvert("tunnel", "delete", "--label", "many=yes");
        assertThat(careful.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(careful.err())
                .contains("(one)", "(three)", "it would end 3 tunnels; nothing was done (expected: --yes");
        Ran mixed = server.culvert("tunnel", "delete", "one", "999999");
        assertThat(mixed.exit()).isEqualTo(ExitCode.REFUSED);
        assertThat(mixed.out()).contains("(one): ended");
        assertThat(mixed.err()).startsWith("999999: ");
        assertThat(done("tunnel", "delete", "--label", "many=yes", "--yes")
                        .out()
                        .lines())
                .hasSize(2);
        assertThat(done("tunnel", "delete", "--label", "many=yes").err()).isEqualTo("no tunnels\n");
        assertThat(done("tunnel", "list", "--label", "many=yes").err()).isEqualTo("no tunnels\n");
    }

    @Test
    void watchTellsWhatHappensUntilItsTunnelIsOver() throws Exception {
        done("tunnel", "create", "80", "--name", "seen", "--ttl", "1h");
        long id = server.client().tunnels().find("seen").orElseThrow().id();
        done("tunnel", "pause", "seen");
        Thread ender = new Thread(() -> {
            await().until(() -> server.client().tunnels().get(id).state() == State.PAUSED);
            done("tunnel", "delete", "seen");
        });
        ender.start();
        Ran watched = server.culvert("tunnel", "watch", "seen", "--after", "0");
        ender.join();
        assertThat(watched.exit()).isEqualTo(ExitCode.REFUSED);
        assertThat(watched.out()).contains("created", "paused");
        assertThat(watched.err()).contains("tunnel " + id + " (seen) has ended: ");
        Ran documents = server.culvert("tunnel", "watch", String.valueOf(id), "--after", "0", "-o", "json");
        assertThat(documents.exit()).isEqualTo(ExitCode.REFUSED);
        for (String line : documents.out().lines().toList()) {
            assertThat(JSON.readTree(line).path("tunnel").asLong()).isEqualTo(id);
        }
    }

    @Test
    void renewingAgainAndAgainEndsWithTheTunnel() throws Exception {
        done("tunnel", "create", "80", "--name", "again", "--ttl", "1h");
        Tunnel first = server.client().tunnels().find("again").orElseThrow();
        Thread ender = new Thread(() -> {
            await().until(() -> server.client()
                    .tunnels()
                    .get(first.id())
                    .lastRenewal()
                    .isAfter(first.lastRenewal().plus(Duration.ofMillis(100))));
            done("tunnel", "delete", "again");
        });
        ender.start();
        Ran renewing = server.culvert("tunnel", "renew", "again", "--every", "50ms");
        ender.join();
        assertThat(renewing.exit()).isEqualTo(ExitCode.REFUSED);
        assertThat(renewing.err()).contains("no such tunnel is left to renew");
    }

    @Test
    void portsAreSeenReservedAndReleased() throws Exception {
        assertThat(done("port", "pools").out()).startsWith("POOL").contains("default");
        int port = json("port", "reserve", "keeper", "--udp").path("port").asInt();
        assertThat(done("port", "list").out()).containsPattern("udp/" + port + " +reserved +- +keeper");
        assertThat(json("port", "list").path("ports")).isNotEmpty();
        assertThat(done("port", "release", "udp/" + port).out()).isEqualTo("udp/" + port + " is free\n");
        assertThat(server.culvert("port", "release", "udp/" + port).exit()).isEqualTo(ExitCode.REFUSED);
    }

    @Test
    void yamlIsTheSameDocument() throws Exception {
        done("tunnel", "create", "80", "--name", "yaml", "--label", "on=off", "--comment", "a: b # c");
        JsonNode json = json("tunnel", "get", "yaml");
        String yaml = done("tunnel", "get", "yaml", "-o", "yaml").out();
        assertThat(yaml).startsWith("---\n");
        assertThat((Object) JSON.valueToTree(new Yaml().load(yaml)).path("labels"))
                .isEqualTo(json.path("labels"));
        Map<?, ?> read = new Yaml().load(yaml);
        assertThat((Object) read.get("created_at"))
                .isEqualTo(json.path("created_at").asText());
        assertThat((Object) read.get("comment")).isEqualTo("a: b # c");
        done("tunnel", "delete", "yaml");
    }

    @Test
    void allFaultsOfACallAreToldAtOnce() {
        Ran ran = server.culvert(
                "tunnel",
                "create",
                "99999",
                "ftp://x:1",
                "--ttl",
                "soon",
                "--allow",
                "here",
                "--volume=0",
                "--label",
                "x",
                "--port",
                "1",
                "--colour",
                "red",
                "--bridge-bare",
                "-o",
                "xml",
                "--sorry");
        assertThat(ran.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(ran.err())
                .startsWith("culvert tunnel create: cannot start, for ")
                .contains("flag --colour: no such option", "flag --sorry: no such option")
                .contains("TARGET: '99999' (expected: [udp://][HOST:]PORT[-PUBLICPORT]")
                .contains("TARGET: 'ftp://x:1'")
                .contains("flag --ttl: 'soon' (expected: a time, as 500ms, 90s")
                .contains("flag --allow: 'here'")
                .contains("flag --volume: '0'")
                .contains("flag --label: 'x' (expected: KEY=VALUE")
                .contains("flags --bridge-…: without --goproxy")
                .contains("flag --output: 'xml' (expected: table, json or yaml)")
                .doesNotContain("Exception");
        assertThat(ran.out()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tunnel get                    | 2 | TUNNEL is missing (expected: at least one)",
                "tunnel set all                | 2 | nothing to change (expected: an option that says what)",
                "tunnel renew                  | 2 | TUNNEL is missing (expected: at least one, or --label)",
                "tunnel delete 1 --label a=b   | 2 | TUNNEL: with --label (expected: one of both)",
                "tunnel probe 1 2              | 2 | TUNNEL: '1 2' (expected: one)",
                "tunnel cut 1                  | 2 | CONNECTION is missing (expected: at least one, or --all)",
                "tunnel kick 1 2 --all         | 2 | SESSION: with --all (expected: one of both)",
                "tunnel watch 1 2 --traffic 1s | 2 | flag --traffic: with 2 tunnels (expected: one)",
                "tunnel list stray             | 2 | 'stray' (expected: options only)",
                "tunnel creat 80               | 2 | 'creat': no such command (expected: create, list, get, set, wait, ",
                "tunnel                        | 2 | a command is missing (expected: create, list, ",
                "token revoke 1 ..             | 2 | '..' (expected: a name, a number or an id)",
                "project remove .              | 2 | '.' (expected: a name, a number or an id)",
                "port release 0                | 2 | PORT: '0' (expected: PORT, tcp/PORT or udp/PORT",
                "tunnel get 999999             | 3 | 999999",
                "tunnel get nobody             | 3 | no tunnel has the name 'nobody', or had it within a day",
                "tunnel create 80 --ttl 9999d  | 3 | /lease/ttl_seconds",
                "tunnel probe 999999           | 3 | 999999",
                "tunnel list --profile x       | 2 | server: with a profile, 'x' (expected: one of both",
            })
    void whatCannotBeIsToldWithItsExitCode(String line, int exit, String said) {
        Ran ran = server.culvert(line.strip().split(" +", -1));
        assertThat(ran.err()).contains(said.strip()).doesNotContain("Exception");
        assertThat(ran.exit()).isEqualTo(exit);
        assertThat(ran.out()).isEmpty();
    }

    @Test
    void aServerThatIsNotThereAndAKeyThatIsNotGood() throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        String nobody = "http://127.0.0.1:" + port;
        Ran silent = server.culvert(Map.of(), "", "tunnel", "list", "--server", nobody);
        assertThat(silent.exit()).isEqualTo(ExitCode.FAILURE);
        assertThat(silent.err()).isEqualTo("culvert tunnel list: server " + nobody + ": nobody answers there\n");
        Ran keyed = server.culvert(Map.of(), "a-key\n", "tunnel", "list", "--server", nobody, "--key-file", "-");
        assertThat(keyed.err()).isEqualTo(silent.err());
        Ran wrong = server.culvert(
                Map.of(), "not-the-key\n", "tunnel", "list", "--server", server.url(), "--key-file", "-");
        assertThat(wrong.exit()).isEqualTo(ExitCode.REFUSED);
        assertThat(wrong.err())
                .contains("by --key-file, or once for all by 'culvert login'")
                .doesNotContain("not-the-key");
    }

    /** {@code .invalid} is nobody's: the name looks like an address of this machine and is none. */
    @Test
    void aNameThatBeginsLikeLoopbackIsWarnedOf() {
        Map<String, String> environment =
                Map.of("XDG_CONFIG_HOME", directory.resolve("elsewhere").toString());
        Ran login = server.culvert(
                environment, "any-key\n", "login", "--server", "http://127.0.0.1.invalid", "--key-file", "-");
        assertThat(login.err()).contains("the key travels in the clear to http://127.0.0.1.invalid");
        assertThat(login.exit()).isEqualTo(ExitCode.FAILURE);
    }

    @Test
    void aLoginIsKeptForThisUserAlone() throws Exception {
        Map<String, String> environment =
                Map.of("XDG_CONFIG_HOME", directory.resolve("own").toString());
        Path profiles = directory.resolve("own/culvert/profiles");
        Ran refused = server.culvert(environment, "not-the-key\n", "login", "--server", server.url());
        assertThat(refused.exit()).isEqualTo(ExitCode.REFUSED);
        assertThat(refused.err()).contains("does not take this key; nothing was stored");
        assertThat(profiles).doesNotExist();

        Ran login = server.culvert(environment, server.key() + "\n", "login", "--server", server.url());
        assertThat(login.exit()).as(login.err()).isZero();
        assertThat(login.out() + login.err())
                .contains("profile 'default' is kept in")
                .doesNotContain(server.key());
        Path file = profiles.resolve("default.yaml");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(profiles)))
                .isEqualTo("rwx------");
        assertThat(server.culvert(environment, "", "tunnel", "list").exit()).isZero();

        // Closed again where somebody opened it.
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(server.culvert(environment, "", "tunnel", "list").exit()).isZero();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");

        // Its key goes to its own server only.
        Ran elsewhere = server.culvert(environment, "", "tunnel", "list", "--server", server.url());
        assertThat(elsewhere.exit()).isEqualTo(ExitCode.REFUSED);

        server.culvert(environment, server.key(), "login", "--server", server.url(), "--profile", "work");
        assertThat(server.culvert(environment, "", "login", "--list").out())
                .containsPattern("default +" + server.url() + " +yes")
                .contains("work")
                .doesNotContain(server.key());
        assertThat(server.culvert(environment, "", "tunnel", "list", "--profile", "work")
                        .exit())
                .isZero();
        Ran unknown = server.culvert(environment, "", "tunnel", "list", "--profile", "home");
        assertThat(unknown.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(unknown.err()).contains("profile: 'home' (expected: one of default, work)");
        assertThat(server.culvert(environment, "", "logout").exit()).isZero();
        assertThat(file).doesNotExist();
        assertThat(server.culvert(environment, "", "logout").exit()).isEqualTo(ExitCode.REFUSED);

        Files.writeString(profiles.resolve("work.yaml"), "key: [s3cret\n");
        Ran broken = server.culvert(environment, "", "tunnel", "list", "--profile", "work");
        assertThat(broken.exit()).isEqualTo(ExitCode.FAILURE);
        assertThat(broken.err())
                .contains("no profile (expected: what 'culvert login' writes)")
                .doesNotContain("s3cret");
    }

    @Test
    void tokensAreMadeListedAndRevoked() throws Exception {
        done("tunnel", "create", "22", "--name", "invited");
        Path file = directory.resolve("once.token");
        String token = done("token", "create", "invited", "--uses", "1", "--ttl", "1h", "--token-file", file.toString())
                .out();
        assertThat(token).startsWith("token ").contains(", in " + file);
        assertThat(Files.readString(file)).startsWith("cv1.");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        JsonNode listed = json("token", "list", "invited").path("join_tokens");
        assertThat(listed).hasSize(1);
        String id = listed.get(0).path("id").asText();
        assertThat(done("token", "list", "invited").out())
                .contains("USES LEFT", id, "good")
                .doesNotContain("cv1.");
        JsonNode shown = json("token", "create", "invited");
        assertThat(shown.path("join").asText()).startsWith("cv1.");
        JsonNode kept = json("token", "create", "invited", "--token-file", file.toString());
        assertThat(kept.path("join").isNull()).isTrue();
        assertThat(done("token", "revoke", "invited", id).out()).isEqualTo("token " + id + " is revoked\n");
        assertThat(server.culvert("token", "revoke", "invited", "0123456789abcdef")
                        .exit())
                .isEqualTo(ExitCode.REFUSED);
        Ran none = server.culvert("token", "revoke", "invited");
        assertThat(none.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(none.err()).contains("TUNNEL ID...: 'invited' (expected: a tunnel and at least one id)");
        assertThat(server.culvert("token", "create", "invited", "--uses", "0").err())
                .contains("flag --uses: '0' (expected: 1 to 100)");
        done("tunnel", "delete", "invited");
    }

    /** What the server tells once, and a full disk does not keep. */
    @Test
    void aSecretThatCouldNotBeWrittenIsToldOf() throws Exception {
        Path full = Path.of("/dev/full");
        Ran tunnel = server.culvertInto(full, "tunnel", "create", "80", "--name", "told", "-o", "json");
        assertThat(tunnel.exit()).isEqualTo(ExitCode.FAILURE);
        assertThat(tunnel.err()).containsPattern("tunnel \\d+ is there, and 'culvert tunnel rotate-token \\d+' makes");
        Ran token = server.culvertInto(full, "token", "create", "told");
        assertThat(token.exit()).isEqualTo(ExitCode.FAILURE);
        assertThat(token.err())
                .startsWith("culvert token create: standard output: cannot be written (expected: ")
                .containsPattern("token \\S+ of tunnel \\d+ is there, and 'culvert token revoke \\d+ \\S+' ends it");
        Path kept = directory.resolve("kept.token");
        Ran filed = server.culvertInto(full, "token", "create", "told", "--token-file", kept.toString());
        assertThat(filed.err()).endsWith(" is there, its secret in " + kept + "\n");
        assertThat(server.culvertInto(full, "tunnel", "renew", "told", "nobody").exit())
                .as("what was refused says more")
                .isEqualTo(ExitCode.REFUSED);
        Ran list = server.culvertInto(full, "tunnel", "list");
        assertThat(list.exit()).isEqualTo(ExitCode.FAILURE);
        assertThat(list.err()).startsWith("culvert tunnel list: standard output: cannot be written");
        done("tunnel", "delete", "told");
    }

    @Test
    void benchNamesWhoeverDoesNotAnswer() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + taken.getLocalPort();
            Ran serve = server.culvert("bench", "--serve", address);
            assertThat(serve.exit()).isEqualTo(ExitCode.FAILURE);
            assertThat(serve.err())
                    .isEqualTo("culvert bench: serve " + address + ": is taken: another process listens there\n");
        }
        String nobody;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = "127.0.0.1:" + socket.getLocalPort();
        }
        done("tunnel", "create", "80", "--name", "measured");
        Ran bench = server.culvert("bench", "--tunnel", "measured", "--direct", nobody);
        assertThat(bench.exit()).isEqualTo(ExitCode.FAILURE);
        assertThat(bench.err()).endsWith("culvert bench: " + nobody + ": nobody answers there\n");
        done("tunnel", "delete", "measured");
    }

    @Test
    void watchingEndsWhereNobodyReads() throws Exception {
        done("tunnel", "create", "80", "--name", "unread");
        Ran watch = server.culvertInto(Path.of("/dev/full"), "tunnel", "watch", "--after", "0", "-o", "json");
        assertThat(watch.exit()).isEqualTo(ExitCode.FAILURE);
        done("tunnel", "delete", "unread");
    }

    @Test
    void peopleAreMadeGivenRolesAndTakenAway() throws Exception {
        Path file = directory.resolve("anna.password");
        assertThat(done("user", "create", "anna", "--title", "Anna", "--secret-file", file.toString())
                        .out())
                .isEqualTo("user anna, and the first password, in " + file + "\n");
        assertThat(Files.readString(file).strip()).hasSizeGreaterThan(11);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        done("project", "create", "lab", "--title", "The lab", "--tunnels", "3", "--pool", "default");
        assertThat(done("project", "grant", "lab", "anna", "--role", "member").out())
                .isEqualTo("user anna is member in lab\n");
        assertThat(done("project", "members", "lab").out()).containsPattern("anna +member");
        assertThat(done("user", "list").out()).containsPattern("anna +user +no +never +lab:member +Anna");
        assertThat(done("project", "list").out()).containsPattern("lab +0 of 3 +0 +0 +0 +0 B +default +The lab");
        done("project", "set", "lab", "--tunnels", "none", "--bytes-per-month", "5G");
        JsonNode quotas = json("project", "list").path("projects").findParents("name").stream()
                .filter(project -> project.path("name").asText().equals("lab"))
                .findFirst()
                .orElseThrow()
                .path("quotas");
        assertThat(quotas.path("tunnels").isNull()).isTrue();
        assertThat(quotas.path("bytes_per_month").asLong()).isEqualTo(5_000_000_000L);
        assertThat(quotas.path("pools")).hasSize(1);
        assertThat(server.culvert("project", "set", "lab").err()).contains("nothing to change");
        assertThat(server.culvert("project", "grant", "lab", "anna").err()).contains("flag --role is missing");

        Path password = Files.writeString(directory.resolve("new.password"), "seven herons on the weir\n");
        done("user", "set", "anna", "--password-file", password.toString(), "--disabled");
        assertThat(done("user", "list").out()).containsPattern("anna +disabled");
        done("user", "set", "anna", "--disabled=false");
        done("user", "logout", "anna");

        JsonNode key = json("key", "create", "--scope", "tunnels:read", "--user", "anna", "--expires", "+1h");
        String secret = key.path("secret").asText();
        assertThat(secret).startsWith("cvk_");
        String id = key.path("id").asText();
        assertThat(done("key", "list").out()).contains(id, "tunnels:read").doesNotContain(secret);
        Ran asAnna = server.culvert(
                Map.of("CULVERT_CLIENT_SERVER", server.url()), secret, "tunnel", "list", "--key-file", "-");
        assertThat(asAnna.exit()).as(asAnna.err()).isZero();
        done("key", "revoke", id);
        assertThat(server.culvert(
                                Map.of("CULVERT_CLIENT_SERVER", server.url()),
                                secret,
                                "tunnel",
                                "list",
                                "--key-file",
                                "-")
                        .exit())
                .isEqualTo(ExitCode.REFUSED);
        assertThat(server.culvert("key", "create").err()).contains("flag --scope is missing");

        done("project", "deny", "lab", "anna");
        done("project", "remove", "lab");
        done("user", "remove", "anna");
        assertThat(server.culvert("user", "remove", "anna").exit()).isEqualTo(ExitCode.REFUSED);
    }

    @Test
    void everyCommandOfPeopleHasItsHelp() {
        Map<String, List<String>> verbs = Map.of(
                "token", List.of("create", "list", "revoke"),
                "user", List.of("create", "list", "set", "logout", "remove"),
                "project", List.of("create", "list", "set", "members", "grant", "deny", "remove"),
                "key", List.of("create", "list", "revoke"));
        verbs.forEach((group, names) -> names.forEach(verb -> {
            assertThat(done(group, "--help").out()).contains("  " + verb);
            String help = done(group, verb, "--help").out();
            assertThat(help).contains("Examples:", "  culvert " + group + " " + verb);
            assertThat(help.lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(110));
        }));
    }

    @Test
    void everyCommandHasItsHelp() {
        String tunnel = done("tunnel", "--help").out();
        assertThat(tunnel).contains("Exit codes: ", "create", "rotate-token");
        for (String verb : List.of(
                "create",
                "list",
                "get",
                "set",
                "wait",
                "renew",
                "pause",
                "resume",
                "delete",
                "probe",
                "usage",
                "watch",
                "connections",
                "cut",
                "sessions",
                "kick",
                "rotate-token",
                "move-port")) {
            assertThat(tunnel).contains("  " + verb);
            String help = done("tunnel", verb, "--help").out();
            assertThat(help)
                    .contains(
                            "Examples:",
                            "  culvert tunnel " + verb,
                            "--output=table|json|yaml",
                            "CULVERT_CLIENT_SERVER");
            assertThat(help.lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(110));
        }
        assertThat(done("login", "--help").out()).contains("~/.config");
    }

    @Test
    void foreignTextsCannotSteerATerminal() throws Exception {
        done("tunnel", "create", "80", "--name", "plain");
        long id = server.client().tunnels().find("plain").orElseThrow().id();
        server.client()
                .tunnels()
                .change(
                        id,
                        io.culvert.client.TunnelChange.builder()
                                .name("pl\u202Eain")
                                .build());
        assertThat(done("tunnel", "list").out()).contains("pl\uFFFDain").doesNotContain("\u202E");
        done("tunnel", "delete", String.valueOf(id));
    }
}
