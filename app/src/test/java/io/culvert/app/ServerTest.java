package io.culvert.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.culvert.app.config.Address;
import io.culvert.app.config.ConfigException;
import io.culvert.app.config.Flags;
import io.culvert.app.config.ServerConfig;
import io.culvert.client.CulvertApiException;
import io.culvert.client.seed.NewTunnel;
import io.culvert.client.seed.SeedClient;
import io.culvert.client.seed.Tunnel;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A whole server, started and stopped. */
class ServerTest {
    @TempDir
    Path directory;

    @Test
    void startsOnAnyPortAndGivesEverythingBack() throws Exception {
        int http;
        int bridge;
        try (Server server = Server.start(config())) {
            http = server.httpPort();
            bridge = server.bridgePort();
            assertThat(client(server).list()).isEmpty();
            assertOpen(bridge);
            assertThat(server.ended().toCompletableFuture()).isNotDone();
        }
        assertClosed(http);
        assertClosed(bridge);
    }

    @Test
    void closingTwiceIsClosingOnce() throws Exception {
        Server server = Server.start(config());
        server.close();
        server.close();
        assertThat(server.ended()).succeedsWithin(Duration.ofSeconds(5));
    }

    @Test
    void theKeyIsAskedForUnlessTheServerIsOpen() throws Exception {
        try (Server server = Server.start(config())) {
            SeedClient stranger = client(server, Optional.empty());
            assertThatThrownBy(stranger::list)
                    .isInstanceOfSatisfying(
                            CulvertApiException.class,
                            e -> assertThat(e.status()).isEqualTo(401));
        }
        ServerConfig open = new ServerConfig(
                directory,
                config().http(),
                config().bridge(),
                "127.0.0.1",
                config().ports(),
                Optional.empty(),
                true,
                false,
                List.of());
        try (Server server = Server.start(open)) {
            assertThat(client(server, Optional.empty()).list()).isEmpty();
            assertThat(server.adminKey()).isEmpty();
        }
    }

    @Test
    void chisel_keys_of_the_environment_count_beside_the_admin_key() throws Exception {
        ServerConfig keys = new ServerConfig(
                directory,
                config().http(),
                config().bridge(),
                "127.0.0.1",
                config().ports(),
                Optional.empty(),
                false,
                false,
                List.of("one-key", "another-key"));
        try (Server server = Server.start(keys)) {
            assertThat(client(server, Optional.of("another-key")).list()).isEmpty();
            assertThat(client(server).list()).isEmpty();
        }
    }

    @Test
    void tunnelsAndKeyAreBackAfterARestart() throws Exception {
        Tunnel before;
        Optional<String> key;
        try (Server server = Server.start(config())) {
            before = client(server).create(NewTunnel.to(22, Duration.ZERO)).tunnel();
            key = server.adminKey();
        }
        assertClosed(before.exposes().get(0).port());
        try (Server server = Server.start(config())) {
            assertThat(server.adminKey()).isEqualTo(key);
            assertThat(client(server).list()).singleElement().satisfies(after -> {
                assertThat(after.id()).isEqualTo(before.id());
                assertThat(after.exposes()).isEqualTo(before.exposes());
            });
            assertOpen(before.exposes().get(0).port());
        }
    }

    @Test
    void aNewIdentityBesideStoredTunnelsIsTold() throws Exception {
        Logger logger = (Logger) LoggerFactory.getLogger(Server.class);
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        logger.addAppender(log);
        try {
            for (int start = 0; start < 2; start++) {
                try (Server server = Server.start(config())) {
                    client(server).create(NewTunnel.to(22, Duration.ZERO));
                }
            }
            Path identity = config().data().resolve("identity");
            assertThat(log.list).extracting(ILoggingEvent::getLevel).doesNotContain(Level.WARN);
            Files.move(identity, directory.resolve("lost"));
            try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                Address address = new Address("127.0.0.1", taken.getLocalPort());
                assertThatThrownBy(() -> Server.start(with(new Address("127.0.0.1", 0), address)))
                        .isInstanceOf(StartException.class);
            }
            Server.start(config()).close();
            assertThat(log.list)
                    .filteredOn(line -> line.getLevel() == Level.WARN)
                    .singleElement()
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .asString()
                    .startsWith("the server's identity is new, and its tunnels are not")
                    .contains(identity.toString());
        } finally {
            logger.detachAppender(log);
        }
    }

    @Test
    void importingTwiceImportsOnce() throws Exception {
        int free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }
        Path file = Files.writeString(
                directory.resolve("permanent.json"), "[{\"innet\":22,\"expose\":" + free + ",\"expire\":-1}]");
        for (int start = 0; start < 2; start++) {
            try (Server server = Server.start(importing(file))) {
                assertThat(client(server).list())
                        .singleElement()
                        .satisfies(tunnel ->
                                assertThat(tunnel.exposes().get(0).port()).isEqualTo(free));
            }
        }
    }

    @Test
    void aBadImportStartsNothing() throws Exception {
        Path file = Files.writeString(directory.resolve("permanent.json"), "[{}, 5]");
        assertThatThrownBy(() -> Server.start(importing(file)))
                .isInstanceOfSatisfying(
                        ConfigException.class, e -> assertThat(e.faults()).hasSize(2));
        assertThat(directory.resolve("data")).doesNotExist();
    }

    @Test
    void aTakenPortIsNamedAndWhatHadStartedIsStopped() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Address address = new Address("127.0.0.1", taken.getLocalPort());
            Address any = new Address("127.0.0.1", 0);
            assertThatThrownBy(() -> Server.start(with(any, address)))
                    .isInstanceOf(StartException.class)
                    .hasMessageStartingWith("bridge port " + address + ": is taken");
            assertThatThrownBy(() -> Server.start(with(address, any)))
                    .isInstanceOf(StartException.class)
                    .hasMessageStartingWith("http port " + address + ": is taken");
        }
        // The data directory's lock, taken by the second, is free again.
        try (Server server = Server.start(config())) {
            assertThat(server.httpPort()).isPositive();
        }
    }

    @Test
    void aStoreThatTakesNothingIsToldWithItsReasonAndWithoutPasswords() throws Exception {
        Server.start(config()).close();
        try (Connection database = DriverManager.getConnection(
                        "jdbc:sqlite:" + config().data().resolve("culvert.db"));
                Statement statement = database.createStatement()) {
            statement.execute("CREATE TRIGGER full BEFORE UPDATE ON counter BEGIN SELECT RAISE(ABORT,"
                    + " 'no room at jdbc:x://me:top-secret/top-secret@host/d?password=top-secret&a=b'); END");
        }
        assertThatThrownBy(() -> Server.start(config()))
                .isInstanceOf(StartException.class)
                .hasMessageStartingWith("ledger: the store does not answer; nothing was changed, try again (")
                .hasMessageContaining("no room at jdbc:x://MASKED@host/d?password=MASKED&a=b")
                .hasMessageNotContaining("top-secret");
    }

    @Test
    void oneDataDirectoryServesOneServer() throws Exception {
        try (Server server = Server.start(config())) {
            assertThatThrownBy(() -> Server.start(config()))
                    .isInstanceOf(StartException.class)
                    .hasMessageStartingWith("data directory " + config().data());
            assertThat(client(server).list()).isEmpty();
        }
    }

    @Test
    void oneAddressHasAsManyConnectionsAsIsSet() throws Exception {
        ServerConfig two = config("http-per-address", "2");
        try (Server server = Server.start(two);
                Socket first = new Socket(InetAddress.getLoopbackAddress(), server.httpPort());
                Socket second = new Socket(InetAddress.getLoopbackAddress(), server.httpPort())) {
            assertThat(healthy(first)).startsWith("HTTP/1.1 200");
            assertThat(healthy(second)).startsWith("HTTP/1.1 200");
            try (Socket third = new Socket(InetAddress.getLoopbackAddress(), server.httpPort())) {
                third.setSoTimeout(10_000);
                assertThat(third.getInputStream().read()).as("closed at once").isEqualTo(-1);
            }
        }
    }

    @Test
    void theFileOfTheFirstPasswordMayGoOnceItWasUsed() throws Exception {
        Path password = directory.resolve("first.password");
        ServerConfig config = config("admin-password-file", password.toString());
        assertThatThrownBy(() -> Server.start(config))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("admin-password-file " + password + ": no such file");
        Files.writeString(password, "seven herons on the weir\n");
        Server.start(config).close();
        Files.delete(password);
        Server.start(config).close();
    }

    @Test
    void aNameOfNoAddressForPublicPortsIsToldAtTheStart() throws Exception {
        // Longer than a label may be (RFC 1035, 2.3.4): known to be nobody's without a query.
        String nobody = "x".repeat(64) + ".example";
        ServerConfig lost = config("expose-host", nobody);
        assertThatThrownBy(() -> Server.start(lost))
                .isInstanceOf(StartException.class)
                .hasMessageStartingWith("expose-host " + nobody + ": unknown host");
    }

    private static String healthy(Socket socket) throws Exception {
        socket.setSoTimeout(10_000);
        socket.getOutputStream().write("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
    }

    /** This machine alone, any free port everywhere, and one setting by its flag. */
    private ServerConfig config(String flag, String value) throws ConfigException {
        Map<String, List<String>> flags = new HashMap<>(Map.of(
                "data", List.of(directory.resolve("data").toString()),
                "http", List.of("127.0.0.1:0"),
                "bridge", List.of("127.0.0.1:0"),
                "expose-host", List.of("127.0.0.1"),
                "ports", List.of("0")));
        flags.put(flag, List.of(value));
        return ServerConfig.read(Flags.of(flags), Map.of());
    }

    private ServerConfig config() {
        return ServerConfig.embedded(directory.resolve("data"));
    }

    private ServerConfig with(Address http, Address bridge) {
        return new ServerConfig(
                config().data(),
                http,
                bridge,
                "127.0.0.1",
                config().ports(),
                Optional.empty(),
                false,
                false,
                List.of());
    }

    private ServerConfig importing(Path file) {
        return new ServerConfig(
                config().data(),
                config().http(),
                config().bridge(),
                "127.0.0.1",
                config().ports(),
                Optional.of(file),
                false,
                false,
                List.of());
    }

    private static SeedClient client(Server server) {
        return client(server, server.adminKey());
    }

    private static SeedClient client(Server server, Optional<String> key) {
        return new SeedClient(URI.create("http://" + server.http()), key, Duration.ofSeconds(10));
    }

    private static void assertOpen(int port) throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            assertThat(socket.isConnected()).isTrue();
        }
    }

    private static void assertClosed(int port) {
        assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port).close())
                .isInstanceOf(ConnectException.class);
    }
}
