package io.culvert.control.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.control.Bridge;
import io.culvert.control.EndedTunnel;
import io.culvert.control.Expose;
import io.culvert.control.FormerCertificate;
import io.culvert.control.HeldPort;
import io.culvert.control.IdempotencyKey;
import io.culvert.control.IssuedToken;
import io.culvert.control.Lease;
import io.culvert.control.LeaseTerms;
import io.culvert.control.Policies;
import io.culvert.control.PortChanges;
import io.culvert.control.Protocol;
import io.culvert.control.Reservation;
import io.culvert.control.RestingPort;
import io.culvert.control.SecretHash;
import io.culvert.control.SessionCredential;
import io.culvert.control.StoreChanges;
import io.culvert.control.StoreUnavailableException;
import io.culvert.control.StoredCounts;
import io.culvert.control.StoredTunnel;
import io.culvert.control.Traffic;
import io.culvert.control.Transition;
import io.culvert.control.Tunnel;
import io.culvert.control.TunnelBundle;
import io.culvert.control.TunnelState;
import io.culvert.control.usage.UsageStore;
import io.culvert.gateway.Counts;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.LongStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** What every store does, whatever it stands on. Each test has a database of its own, empty at first. */
abstract class TunnelStoreContract {
    static final Instant THEN = Instant.parse("2026-01-02T03:04:05.678901Z");

    /** Opens the test's database, once more or for the first time. */
    abstract SqlTunnelStore open();

    /** The same database past the store. */
    abstract DataSource database();

    abstract Dialect dialect();

    /** The type of what is thrown where the database is refused, and what every such message names. */
    abstract Class<? extends Exception> refusal();

    abstract String nameOfTheDatabase();

    @Test
    void everythingComesBackAfterReopening() {
        StoredTunnel one = tunnel(1, Duration.ofMillis(1_500), expose(22, 22_022), expose(80, 22_080));
        StoredTunnel two = tunnel(2, Duration.ofSeconds(-1), new Expose("fe80::1", 443, 22_443));
        try (SqlTunnelStore store = open()) {
            assertThat(store.load()).isEmpty();
            assertThat(store.nextId()).isEqualTo(1);
            store.insert(two);
            store.insert(one);
        }
        try (SqlTunnelStore store = open()) {
            assertThat(store.load()).containsExactly(one, two);
            assertThat(store.nextId()).isEqualTo(3);
        }
    }

    @Test
    void joinTokensAndCredentialsComeBackAndGoWithTheirTunnel() {
        StoredTunnel plain = tunnel(1, Duration.ZERO, expose(53, 22_053));
        IssuedToken bare = new IssuedToken(
                "00000000000000aa",
                SecretHash.of("a"),
                "me",
                THEN,
                Optional.empty(),
                OptionalInt.empty(),
                0,
                Optional.empty(),
                Optional.empty(),
                List.of());
        IssuedToken full = new IssuedToken(
                "0000000000000001",
                SecretHash.of("b"),
                "me",
                THEN,
                Optional.of(THEN.plusSeconds(1)),
                OptionalInt.of(7),
                3,
                Optional.of(THEN.plusSeconds(2)),
                Optional.of(THEN.plusSeconds(3)),
                List.of(
                        new SessionCredential("c2", SecretHash.of("c"), THEN.plusSeconds(4), Optional.empty()),
                        new SessionCredential(
                                "c1",
                                SecretHash.of("d"),
                                THEN.plusSeconds(5),
                                Optional.of(new SessionCredential.Former(SecretHash.of("e"), THEN.plusSeconds(4))))));
        try (SqlTunnelStore store = open()) {
            store.insert(plain);
            store.apply(new StoreChanges(List.of(with(plain, List.of(bare, full))), Map.of(), Set.of()));
        }
        try (SqlTunnelStore store = open()) {
            assertThat(store.load()).containsExactly(with(plain, List.of(bare, full)));
            store.apply(new StoreChanges(List.of(with(plain, List.of(full))), Map.of(), Set.of()));
            assertThat(store.load()).containsExactly(with(plain, List.of(full)));
            store.apply(StoreChanges.gone(Set.of(1L)));
            assertThat(store.load()).isEmpty();
            store.insert(plain);
            assertThat(store.load()).containsExactly(plain);
        }
    }

    private static StoredTunnel with(StoredTunnel tunnel, List<IssuedToken> tokens) {
        return new StoredTunnel(
                tunnel.id(),
                tunnel.version(),
                tunnel.name(),
                tunnel.labels(),
                tunnel.project(),
                tunnel.owner(),
                tunnel.exposes(),
                tunnel.bridge(),
                tunnel.comment(),
                tunnel.terms(),
                tunnel.policies(),
                tunnel.pausedBy(),
                tunnel.createdAt(),
                tunnel.lastHeartbeat(),
                tunnel.secret(),
                tunnel.bundle(),
                tunnel.key(),
                tunnel.transitions(),
                tunnel.counted(),
                tunnel.ending(),
                tokens);
    }

    @Test
    void bridgesBundlesAndProtocolsComeBackToo() {
        StoredTunnel plain = tunnel(1, Duration.ZERO, expose(53, 22_053));
        StoredTunnel full = new StoredTunnel(
                2,
                List.of(new Expose(Protocol.UDP, "127.0.0.1", 53, 22_053), expose(22, 22_022)),
                Optional.of(new Bridge(33_022, false, true)),
                "full",
                Duration.ZERO,
                THEN,
                THEN,
                SecretHash.of("s"),
                Optional.of(new TunnelBundle(
                        "CERTS\n",
                        "KEY\n",
                        SecretHash.of("certificate"),
                        THEN.plusSeconds(1),
                        THEN.plusSeconds(3),
                        List.of(
                                new FormerCertificate(SecretHash.of("older"), THEN.plusSeconds(1)),
                                new FormerCertificate(SecretHash.of("old"), THEN.plusSeconds(2))))));
        try (SqlTunnelStore store = open()) {
            store.insert(plain);
            store.insert(full);
            store.apply(new StoreChanges(List.of(full), Map.of(), Set.of()));
        }
        try (SqlTunnelStore store = open()) {
            assertThat(store.load()).containsExactly(plain, full);
            StoredTunnel sameBridge = new StoredTunnel(
                    3,
                    List.of(expose(22, 22_099)),
                    full.bridge(),
                    "",
                    Duration.ZERO,
                    THEN,
                    THEN,
                    SecretHash.of("s"),
                    Optional.empty());
            assertThatThrownBy(() -> store.insert(sameBridge)).isInstanceOf(StoreUnavailableException.class);
        }
    }

    /** A bundle from before their dates were kept: it lived for ten years from its issue. */
    @Test
    void aBundleOfTheSecondLayoutIsTakenToBeOfItsTunnelsFirstDay() throws SQLException {
        Layout.configure(database(), dialect()).target("2").load().migrate();
        try (Connection connection = database().getConnection();
                Statement statement = connection.createStatement()) {
            String hash = "00".repeat(32);
            statement.execute("INSERT INTO tunnel (id, comment, ttl_nanos, created_at, last_heartbeat, secret_sha256)"
                    + " VALUES (4, 'four', -1, 1000000, 2, '" + hash + "')");
            statement.execute("INSERT INTO bundle (tunnel_id, certificates, private_key, certificate_sha256)"
                    + " VALUES (4, 'C', 'K', '" + hash + "')");
        }
        try (SqlTunnelStore store = open()) {
            Instant end = Instant.EPOCH.plusSeconds(1).plus(Duration.ofDays(3652));
            assertThat(store.load())
                    .singleElement()
                    .satisfies(stored -> assertThat(stored.bundle())
                            .contains(new TunnelBundle(
                                    "C",
                                    "K",
                                    SecretHash.ofStored(new byte[32]),
                                    end.minus(Duration.ofDays(1217)),
                                    end,
                                    List.of())));
        }
    }

    /** As release 0.1 left it: one migration, two tunnels. */
    @Test
    void aDatabaseOfTheFirstLayoutIsBroughtForward() throws SQLException {
        Layout.configure(database(), dialect()).target("1").load().migrate();
        try (Connection connection = database().getConnection();
                Statement statement = connection.createStatement()) {
            String hash = "00".repeat(32);
            statement.execute("INSERT INTO tunnel (id, comment, ttl_nanos, created_at, last_heartbeat, secret_sha256)"
                    + " VALUES (4, 'four', 1500000000, 1, 2, '" + hash + "'), (7, 'seven', -1, 3, 4, '" + hash + "')");
            statement.execute("INSERT INTO expose (tunnel_id, slot, target_host, target_port, port) VALUES"
                    + " (4, 0, '127.0.0.1', 22, 22022), (4, 1, 'db', 5432, 22023), (7, 0, '::1', 80, 22080)");
            statement.execute("UPDATE counter SET next_value = 9");
        }
        try (SqlTunnelStore store = open()) {
            SecretHash secret = SecretHash.ofStored(new byte[32]);
            assertThat(store.load())
                    .containsExactly(
                            new StoredTunnel(
                                    4,
                                    List.of(expose(22, 22_022), new Expose("db", 5432, 22_023)),
                                    Optional.empty(),
                                    "four",
                                    Duration.ofMillis(1_500),
                                    Instant.EPOCH.plusNanos(1_000),
                                    Instant.EPOCH.plusNanos(2_000),
                                    secret,
                                    Optional.empty()),
                            new StoredTunnel(
                                    7,
                                    List.of(new Expose("::1", 80, 22_080)),
                                    Optional.empty(),
                                    "seven",
                                    Duration.ofNanos(-1),
                                    Instant.EPOCH.plusNanos(3_000),
                                    Instant.EPOCH.plusNanos(4_000),
                                    secret,
                                    Optional.empty()));
            assertThat(store.nextId()).isEqualTo(9);
            store.insert(tunnel(9, Duration.ZERO, new Expose(Protocol.UDP, "127.0.0.1", 53, 22_022)));
        }
    }

    @Test
    void commentsOfEveryKindComeBackAsTheyWere() {
        List<String> comments =
                List.of("", "it's \"quoted\"; DROP TABLE tunnel; --", "ümläut \uD83D\uDE80\t\n", "c".repeat(1_000));
        try (SqlTunnelStore store = open()) {
            for (int i = 0; i < comments.size(); i++) {
                store.insert(new StoredTunnel(
                        i + 1,
                        List.of(expose(22, 30_000 + i)),
                        Optional.empty(),
                        comments.get(i),
                        Duration.ZERO,
                        THEN,
                        THEN,
                        SecretHash.of("s"),
                        Optional.empty()));
            }
            assertThat(store.load()).extracting(StoredTunnel::comment).isEqualTo(comments);
        }
    }

    @Test
    void aNumberIsNeverUsedTwiceAlsoWhenTheNewestIsGone() {
        try (SqlTunnelStore store = open()) {
            store.insert(tunnel(1, Duration.ZERO, expose(22, 22_022)));
            store.insert(tunnel(5, Duration.ZERO, expose(22, 22_023)));
            store.apply(StoreChanges.gone(Set.of(1L, 5L)));
        }
        try (SqlTunnelStore store = open()) {
            assertThat(store.load()).isEmpty();
            assertThat(store.nextId()).isEqualTo(6);
        }
    }

    @Test
    void insertIsAllOrNothing() {
        try (SqlTunnelStore store = open()) {
            StoredTunnel one = tunnel(1, Duration.ZERO, expose(22, 22_022));
            store.insert(one);
            // Its first port is free and its second one is not.
            assertThatThrownBy(() -> store.insert(tunnel(2, Duration.ZERO, expose(22, 22_023), expose(23, 22_022))))
                    .isInstanceOf(StoreUnavailableException.class);
            assertThatThrownBy(() -> store.insert(one)).isInstanceOf(StoreUnavailableException.class);
            assertThat(store.load()).containsExactly(one);
            assertThat(store.nextId()).isEqualTo(2);
            store.insert(tunnel(2, Duration.ZERO, expose(22, 22_023)));
        }
    }

    @Test
    void changesAreMadeTogetherAndInOrder() {
        try (SqlTunnelStore store = open()) {
            StoredTunnel kept = tunnel(1, Duration.ZERO, expose(22, 22_022));
            store.insert(kept);
            store.insert(tunnel(2, Duration.ZERO, expose(22, 22_023)));
            StoredTunnel back = tunnel(3, Duration.ZERO, expose(22, 22_024), expose(23, 22_025));
            Instant later = THEN.plusSeconds(60);
            StoreChanges changes = new StoreChanges(
                    List.of(back, back, kept), Map.of(3L, later, 2L, later, 99L, later), Set.of(2L, 77L));
            store.apply(changes);
            store.apply(changes);
            assertThat(store.load())
                    .containsExactly(
                            kept,
                            new StoredTunnel(
                                    3,
                                    back.exposes(),
                                    back.bridge(),
                                    back.comment(),
                                    back.ttl(),
                                    THEN,
                                    later,
                                    back.secret(),
                                    back.bundle()));
            assertThat(store.nextId()).isEqualTo(4);
        }
    }

    @Test
    void changesThatFailHalfWayLeaveNothingBehind() {
        try (SqlTunnelStore store = open()) {
            StoredTunnel one = tunnel(1, Duration.ZERO, expose(22, 22_022));
            store.insert(one);
            StoredTunnel samePort = tunnel(3, Duration.ZERO, expose(22, 22_022));
            assertThatThrownBy(() -> store.apply(new StoreChanges(
                            List.of(tunnel(2, Duration.ZERO, expose(22, 22_023)), samePort),
                            Map.of(1L, THEN.plusSeconds(1)),
                            Set.of(1L))))
                    .isInstanceOf(StoreUnavailableException.class);
            assertThat(store.load()).containsExactly(one);
        }
    }

    @Test
    void aBatchOfThousandsIsOneTransaction() {
        try (SqlTunnelStore store = open()) {
            List<StoredTunnel> tunnels = LongStream.rangeClosed(1, 2_000)
                    .mapToObj(id -> tunnel(id, Duration.ZERO, expose(22, (int) (20_000 + id))))
                    .toList();
            store.apply(new StoreChanges(tunnels, Map.of(), Set.of()));
            assertThat(store.load()).hasSize(2_000);
            store.apply(StoreChanges.gone(
                    Set.copyOf(tunnels.stream().map(StoredTunnel::id).toList())));
            assertThat(store.load()).isEmpty();
            // The exposes are gone too, or their ports could not be had again.
            store.insert(tunnel(2_001, Duration.ZERO, expose(22, 20_001)));
        }
    }

    @Test
    void allThatWasAgreedOnATunnelComesBack() {
        Transition waiting = new Transition(TunnelState.WAITING, "no agent; it's \"quoted\"", THEN);
        StoredTunnel full = full(waiting);
        try (SqlTunnelStore store = open()) {
            store.insert(full);
            store.usage()
                    .write(new UsageStore.Batch(1, Map.of(1L, new Counts(10, 20, 30, 40, 50)), Map.of(), List.of()));
            store.apply(new StoreChanges(
                    List.of(full),
                    Map.of(),
                    Map.of(1L, List.of(waiting, waiting), 9L, List.of(waiting)),
                    Set.of(),
                    List.of(),
                    Optional.empty(),
                    PortChanges.NONE,
                    Optional.empty()));
        }
        try (SqlTunnelStore store = open()) {
            StoredTunnel back = store.load().get(0);
            assertThat(back.counted()).isEqualTo(new StoredCounts(10, 20, 30, 40, 50));
            assertThat(back.transitions()).containsExactly(waiting, waiting);
            assertThat(back)
                    .usingRecursiveComparison()
                    .ignoringFields("counted", "transitions")
                    .isEqualTo(full);
        }
    }

    @Test
    void endedTunnelsComeBackUntilTheyAreForgotten() {
        Transition ended = new Transition(TunnelState.ENDED, "ended by a", THEN);
        StoredTunnel stored = full(ended);
        EndedTunnel one = new EndedTunnel(
                new Tunnel(
                        1,
                        7,
                        stored.name(),
                        stored.labels(),
                        stored.project(),
                        stored.owner(),
                        stored.exposes(),
                        33_022,
                        stored.bridge(),
                        stored.comment(),
                        new Lease(stored.terms(), THEN, Optional.of(THEN.plusSeconds(9)), false),
                        stored.policies(),
                        THEN,
                        ended,
                        List.of(ended)),
                new Traffic(0, 0, 1, 2, 3, 4, 5),
                stored.key());
        try (SqlTunnelStore store = open()) {
            store.insert(stored);
            StoreChanges end = new StoreChanges(
                    List.of(),
                    Map.of(),
                    Map.of(),
                    Set.of(1L),
                    List.of(one),
                    Optional.empty(),
                    PortChanges.NONE,
                    Optional.empty());
            store.apply(end);
            store.apply(end);
        }
        try (SqlTunnelStore store = open()) {
            assertThat(store.load()).isEmpty();
            assertThat(store.loadEnded()).containsExactly(one);
            forget(store, THEN);
            assertThat(store.loadEnded()).hasSize(1);
            forget(store, THEN.plusNanos(1_000));
            assertThat(store.loadEnded()).isEmpty();
        }
    }

    @Test
    void reservationsAndQuarantinesComeBack() {
        Reservation lab = new Reservation(Protocol.TCP, 20_001, "default", "lab", "a");
        Reservation other = new Reservation(Protocol.TCP, 20_001, "p-2", "other", "b");
        RestingPort resting = new RestingPort(Protocol.UDP, 20_001, THEN, 7, "default", "a", Optional.empty());
        RestingPort named = new RestingPort(Protocol.TCP, 20_002, THEN, 8, "p-2", "a", Optional.of("lab"));
        try (SqlTunnelStore store = open()) {
            apply(store, new PortChanges(Set.of(), List.of(lab), Set.of(), List.of(resting, named)));
            apply(
                    store,
                    new PortChanges(Set.of(), List.of(other), Set.of(new HeldPort(Protocol.UDP, 20_001)), List.of()));
        }
        try (SqlTunnelStore store = open()) {
            assertThat(store.loadPorts())
                    .isEqualTo(new PortChanges(Set.of(), List.of(other), Set.of(), List.of(named)));
            apply(store, new PortChanges(Set.of(new HeldPort(Protocol.TCP, 20_001)), List.of(), Set.of(), List.of()));
            assertThat(store.loadPorts().reserved()).isEmpty();
        }
    }

    @Test
    void whetherTheServerDrainsIsRemembered() {
        try (SqlTunnelStore store = open()) {
            assertThat(store.draining()).isFalse();
            store.apply(StoreChanges.draining(true));
            store.apply(StoreChanges.draining(true));
        }
        try (SqlTunnelStore store = open()) {
            assertThat(store.draining()).isTrue();
            store.apply(StoreChanges.gone(Set.of(7L)));
            assertThat(store.draining()).isTrue();
            store.apply(StoreChanges.draining(false));
            assertThat(store.draining()).isFalse();
        }
        try (SqlTunnelStore store = open()) {
            assertThat(store.draining()).isFalse();
        }
    }

    private static void apply(SqlTunnelStore store, PortChanges ports) {
        store.apply(new StoreChanges(
                List.of(), Map.of(), Map.of(), Set.of(), List.of(), Optional.empty(), ports, Optional.empty()));
    }

    private static void forget(SqlTunnelStore store, Instant before) {
        store.apply(new StoreChanges(
                List.of(),
                Map.of(),
                Map.of(),
                Set.of(),
                List.of(),
                Optional.of(before),
                PortChanges.NONE,
                Optional.empty()));
    }

    private static StoredTunnel full(Transition status) {
        return new StoredTunnel(
                1,
                7,
                Optional.of("lab \uD83D\uDE80"),
                Map.of("team", "a", "k/x", ""),
                "p-2",
                "key-1",
                List.of(new Expose(Protocol.UDP, "db", 53, 22_053, Optional.of("web"), Optional.of("127.0.0.1"))),
                Optional.of(new Bridge(33_022, true, true)),
                "full",
                new LeaseTerms(
                        Duration.ofMillis(1_500),
                        Duration.ofNanos(1),
                        Optional.of(Duration.ofDays(3)),
                        Optional.of(THEN.plusSeconds(60)),
                        Duration.ofSeconds(5),
                        LeaseTerms.RenewBy.SESSION,
                        List.of(Duration.ofSeconds(3))),
                new Policies(
                        List.of("192.0.2.0/24"),
                        List.of("2001:db8::1"),
                        1,
                        2,
                        3,
                        4,
                        5,
                        6,
                        7,
                        Long.MAX_VALUE,
                        Duration.ofSeconds(8),
                        Duration.ofSeconds(9),
                        Policies.ProxyProtocol.V1),
                Optional.of("key-2"),
                THEN,
                THEN,
                SecretHash.of("s"),
                Optional.empty(),
                Optional.of(new IdempotencyKey("job-1", "aa")),
                List.of(status),
                StoredCounts.ZERO,
                Optional.of("ended by key-1; visitors may stay"));
    }

    @Test
    void aStoreThatIsClosedSaysSo() {
        SqlTunnelStore store = open();
        store.close();
        store.close();
        assertThatThrownBy(store::load).isInstanceOf(StoreUnavailableException.class);
    }

    @Test
    void timesAreKeptToTheMicrosecondAlsoFarAwayOnes() {
        List<Instant> times = List.of(
                Instant.EPOCH,
                Instant.parse("1969-12-31T23:59:59.999999Z"),
                Instant.parse("2026-03-29T01:30:00.000001Z"),
                Instant.parse("9999-12-31T23:59:59.999999Z"));
        try (SqlTunnelStore store = open()) {
            for (int i = 0; i < times.size(); i++) {
                store.insert(new StoredTunnel(
                        i + 1,
                        List.of(expose(22, 30_000 + i)),
                        Optional.empty(),
                        "",
                        Duration.ofNanos(1),
                        times.get(i),
                        times.get(i),
                        SecretHash.of("s"),
                        Optional.empty()));
            }
            assertThat(store.load()).extracting(StoredTunnel::createdAt).isEqualTo(times);
            assertThat(store.load()).extracting(StoredTunnel::lastHeartbeat).isEqualTo(times);
            assertThat(store.load()).extracting(StoredTunnel::ttl).containsOnly(Duration.ofNanos(1));
        }
    }

    @Test
    void aStoreThatFailedOnceGoesOn() {
        try (SqlTunnelStore store = open()) {
            store.insert(tunnel(1, Duration.ZERO, expose(22, 22_022)));
            for (int i = 0; i < 5; i++) {
                assertThatThrownBy(() -> store.insert(tunnel(2, Duration.ZERO, expose(22, 22_022))))
                        .isInstanceOf(StoreUnavailableException.class);
            }
            store.insert(tunnel(2, Duration.ZERO, expose(22, 22_023)));
            assertThat(store.load()).extracting(StoredTunnel::id).containsExactly(1L, 2L);
        }
    }

    @Test
    void aSecondServerIsRefusedUntilTheFirstIsGone() {
        try (SqlTunnelStore store = open()) {
            store.insert(tunnel(1, Duration.ZERO, expose(22, 22_022)));
            assertRefused("in use by another server");
            store.insert(tunnel(2, Duration.ZERO, expose(22, 22_023)));
        }
        try (SqlTunnelStore store = open()) {
            assertThat(store.load()).hasSize(2);
        }
    }

    @Test
    void aDatabaseOfANewerVersionIsRefused() throws SQLException {
        open().close();
        try (Connection connection = database().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO flyway_schema_history (installed_rank, version, description, type, script,"
                    + " installed_by, execution_time, success)"
                    + " SELECT max(installed_rank) + 1, '999', 'later', 'SQL', 'V999__later.sql', '', 1, max(success"
                    + (dialect() == Dialect.POSTGRESQL ? "::int)::int::boolean" : ")")
                    + " FROM flyway_schema_history");
        }
        assertRefused("was written by a newer version of Culvert: it has layout 999 (expected: at most ");
        // Nor does a second try get further.
        assertRefused("newer version");
    }

    final void assertRefused(String text) {
        assertThatThrownBy(() -> open().close())
                .isInstanceOf(refusal())
                .hasMessageContaining(nameOfTheDatabase())
                .hasMessageContaining(text);
    }

    static Expose expose(int targetPort, int port) {
        return new Expose("127.0.0.1", targetPort, port);
    }

    static StoredTunnel tunnel(long id, Duration ttl, Expose... exposes) {
        return new StoredTunnel(
                id,
                List.of(exposes),
                Optional.empty(),
                "no. " + id,
                ttl,
                THEN,
                THEN,
                SecretHash.of("secret " + id),
                Optional.empty());
    }
}
