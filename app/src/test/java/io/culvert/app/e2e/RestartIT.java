package io.culvert.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.client.CulvertApiException;
import io.culvert.client.seed.CreatedTunnel;
import io.culvert.client.seed.NewTunnel;
import io.culvert.client.seed.SeedClient;
import io.culvert.client.seed.Tunnel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How the server's process starts, refuses to start, stops and comes back. */
class RestartIT {
    private static final Duration LONG = Duration.ofMinutes(10);

    /** Tools that stop services wait this long before they kill. */
    private static final Duration MOST_TO_STOP = Duration.ofSeconds(10);

    @RegisterExtension
    final World world = new World();

    @Test
    void stopsInOrderAndComesBackAsItWas() throws Exception {
        RunningServer server = world.lastingServer();
        EchoService service = world.closing(EchoService.start());
        CreatedTunnel tunnel = server.client().create(NewTunnel.to(service.port(), LONG));
        Program agent = world.agent(server, tunnel);
        Visitor.awaitServed(RunningServer.port(tunnel));

        try (Visitor visitor = Visitor.of(RunningServer.port(tunnel))) {
            visitor.says("hello");
            server.program().terminate();
            visitor.awaitReset();
        }
        assertThat(server.program().exit(MOST_TO_STOP)).isEqualTo(143);
        agent.awaitLine(line -> line.contains("is down: the server stops"));
        assertThatThrownBy(() -> Visitor.of(RunningServer.port(tunnel))).isInstanceOf(IOException.class);

        RunningServer again = world.again(server);
        Visitor.awaitServed(RunningServer.port(tunnel));
        assertThat(again.key()).isEqualTo(server.key());
        assertThat(again.client().list()).singleElement().satisfies(after -> {
            assertThat(after.id()).isEqualTo(tunnel.tunnel().id());
            assertThat(after.exposes()).isEqualTo(tunnel.tunnel().exposes());
        });
        assertThat(agent.isAlive()).isTrue();
        agent.terminate();
        assertThat(agent.exit(MOST_TO_STOP)).isEqualTo(143);
        assertThat(server.program().err() + again.program().err() + agent.err())
                .doesNotContain(" ERROR ")
                .doesNotContain("Exception");
    }

    @Test
    void importsOnceWhatIsGivenTwice() throws Exception {
        Path file = Files.writeString(world.directory().resolve("permanent.json"), """
                [{"innet":22,"bridge":23022,"comment":"iMac SSH Proxy","expire":-1},
                 {"exposes":"80,8080","comment":"web","expire":-1}]
                """);
        RunningServer first = world.server(Map.of(), "--http=127.0.0.1:0", "--import=" + file);
        List<Tunnel> imported = first.client().list();
        assertThat(imported).extracting(Tunnel::comment).containsExactly("iMac SSH Proxy", "web");
        assertThat(imported.get(1).exposes()).hasSize(2);
        assertThat(first.program().err()).contains("import: 2 created, 0 there already, 0 refused");
        first.program().terminate();
        first.program().exit(MOST_TO_STOP);

        RunningServer second = world.server(Map.of(), "--http=127.0.0.1:0", "--import=" + file);
        assertThat(second.client().list())
                .extracting(Tunnel::id)
                .containsExactlyElementsOf(imported.stream().map(Tunnel::id).toList());
        assertThat(second.program().err()).contains("import: 0 created, 2 there already, 0 refused");
    }

    @Test
    void aSecondServerOnTheSameDataIsRefused() throws Exception {
        RunningServer first = world.server();
        Program second = refused(1, Map.of(), "--http=127.0.0.1:0");
        assertThat(second.err())
                .contains("is in use by another server (process "
                        + first.program().pid() + ")")
                .doesNotContain("Exception");
        assertThat(second.out()).isEmpty();
        assertThat(first.client().list()).isEmpty();
    }

    @Test
    void takenPortsAreNamed() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + taken.getLocalPort();
            assertThat(refused(1, Map.of(), "--http=" + address).err())
                    .endsWith("culvert server: http port " + address + ": is taken: another process listens there\n")
                    .doesNotContain("Exception");
        }
    }

    @Test
    void openIsForThisMachineAlone() throws Exception {
        assertThat(refused(2, Map.of(), "--open", "--http=0.0.0.0:0").err())
                .contains("open: with http 0.0.0.0:0")
                .contains("expected: ");
        assertThat(refused(2, Map.of("EXPOSE_PORT", "0", "CULVERT_OPEN", "true"))
                        .err())
                .contains("open: with http 0.0.0.0:0");
        assertThat(world.directory().resolve("data")).doesNotExist();

        RunningServer open = world.server(Map.of(), "--http=127.0.0.1:0", "--open");
        assertThat(open.client(Optional.empty()).list()).isEmpty();
        assertThat(open.data().resolve("admin.key")).doesNotExist();
    }

    @Test
    void allFaultsOfTheSurroundingsAreToldAtOnce() {
        Program program = refused(
                2,
                Map.of("EXPOSE_PORT", "eighty", "AUTHORIZE_KEYS", "a,,b", "CULVERT_HTPP", "x"),
                "--http=127.0.0.1:0",
                "--ports=9");
        assertThat(program.err())
                .contains("EXPOSE_PORT: 'eighty'")
                .contains("AUTHORIZE_KEYS: one of 3 keys is blank")
                .contains("CULVERT_HTPP")
                .doesNotContain("Exception");
    }

    @Test
    void theSeedsVariablesWork() throws Exception {
        RunningServer server =
                world.server(Map.of("EXPOSE_PORT", "0", "AUTHORIZE_KEYS", "first-key-of-two,second-key-of-two"));
        assertThat(server.http()).startsWith("0.0.0.0:").doesNotEndWith(":0");
        for (String key : List.of("first-key-of-two", "second-key-of-two", server.key())) {
            assertThat(server.client(Optional.of(key)).list()).isEmpty();
        }
        SeedClient stranger = server.client(Optional.of("first-key-of-two,second-key-of-two"));
        assertThatThrownBy(stranger::list).isInstanceOf(CulvertApiException.class);
        assertThat(get(server.url() + "/api/list?key=second-key-of-two")).isEqualTo(200);
        assertThat(get(server.url() + "/api/list?key=third")).isEqualTo(401);
        assertThat(get(server.url() + "/api/list")).isEqualTo(401);
    }

    @Test
    void secretsStandInTheirFilesAndNowhereElse() throws Exception {
        String ownKey = "a-key-out-of-the-environment";
        String wrongKey = "a-key-that-opens-nothing";
        RunningServer server =
                world.server(Map.of("AUTHORIZE_KEYS", ownKey, "CULVERT_LOG", "debug"), "--http=127.0.0.1:0");
        EchoService service = world.closing(EchoService.start());
        CreatedTunnel tunnel = server.client().create(NewTunnel.to(service.port(), LONG));
        Program agent = world.agent(server, tunnel);
        Visitor.awaitServed(RunningServer.port(tunnel));
        assertThat(get(server.url() + "/api/list?key=" + ownKey)).isEqualTo(200);
        assertThat(get(server.url() + "/api/list?key=" + wrongKey)).isEqualTo(401);
        assertThat(get(server.url() + "/api/query?id=x&key=" + ownKey)).isEqualTo(400);
        assertThat(get(server.url() + "/api/nothing?key=" + ownKey)).isEqualTo(404);

        Path data = server.data();
        assertThat(mode(data)).isEqualTo("rwx------");
        assertThat(mode(data.resolve("admin.key"))).isEqualTo("rw-------");
        try (Stream<Path> files = Files.list(data)) {
            assertThat(files).allSatisfy(file -> assertThat(mode(file)).endsWith("------"));
        }

        Program ps = world.program("ps", Map.of(), List.of(World.tool("ps", "procps"), "-eww", "-o", "args"));
        assertThat(ps.exit()).isZero();
        assertThat(ps.out()).contains("--token-file=");
        server.program().terminate();
        server.program().exit(MOST_TO_STOP);
        agent.terminate();
        agent.exit(MOST_TO_STOP);
        List<String> secrets = List.of(ownKey, wrongKey, server.key(), tunnel.join(), secretOf(tunnel));
        for (Program program : List.of(server.program(), agent, ps)) {
            assertThat(program.out() + program.err()).isNotEmpty().doesNotContain(secrets.toArray(CharSequence[]::new));
        }
        // The store has a hash of the token; the log and the database
        // are all that a backup would carry beside the keys.
        try (Stream<Path> files = Files.list(data)) {
            for (Path file :
                    files.filter(file -> file.toString().contains("culvert.db")).toList()) {
                assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
                        .doesNotContain(secretOf(tunnel), server.key(), ownKey);
            }
        }
    }

    private Program refused(int exitCode, Map<String, String> environment, String... flags) {
        List<String> words = Stream.concat(
                        Stream.of(
                                "server",
                                "--data=" + world.directory().resolve("data"),
                                "--bridge=127.0.0.1:0",
                                "--expose-host=127.0.0.1",
                                "--print-ready"),
                        Stream.of(flags))
                .toList();
        Program program = world.culvert("refused", environment, words.toArray(String[]::new));
        assertThat(program.exit()).as(program.report()).isEqualTo(exitCode);
        return program;
    }

    /** Of {@code cv1.ID.SECRET.PIN}. */
    private static String secretOf(CreatedTunnel tunnel) {
        String[] parts = tunnel.join().split("\\.", -1);
        assertThat(parts).hasSize(4);
        assertThat(parts[2]).hasSizeGreaterThan(20);
        return parts[2];
    }

    private static int get(String url) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url)).build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
