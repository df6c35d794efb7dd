package io.culvert.control;

import static io.culvert.control.World.MINUTE;
import static io.culvert.control.World.TESTER;
import static io.culvert.control.World.get;
import static io.culvert.control.World.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.culvert.control.event.EventLog;
import io.culvert.control.sql.SqlTunnelStore;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Changes that wait at the same time share a write, and each is answered as if it had been alone. */
class JointChangesTest {
    @TempDir
    Path data;

    private final HandClock clock = new HandClock();
    private final SocketDataPlane plane = new SocketDataPlane();
    private final AtomicInteger writes = new AtomicInteger();
    private TunnelService service;

    @BeforeEach
    void open() {
        service = new TunnelService(
                plane,
                new CountingStore(SqlTunnelStore.open(data), writes),
                clock,
                clock,
                ControlSettings.defaults(),
                new EventLog(1_000),
                Projects.onlyDefault());
        service.start();
    }

    @AfterEach
    void close() {
        service.close();
        plane.close();
    }

    @Test
    void createsThatWaitShareAWrite() {
        List<CompletionStage<CreatedTunnel>> created = behindAnother(() -> {
            List<CompletionStage<CreatedTunnel>> waiting = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                waiting.add(service.create(TESTER, request(MINUTE, 0)));
            }
            return waiting;
        });
        assertThat(created).extracting(one -> get(one).tunnel().id()).doesNotHaveDuplicates();
        assertThat(service.list(World.TESTER)).hasSize(101);
        assertThat(writes).hasValue(2);
    }

    @Test
    void endsThatWaitShareAWrite() {
        for (int i = 0; i < 30; i++) {
            CreatedTunnel unused = get(service.create(TESTER, request(MINUTE, 0)));
        }
        writes.set(0);
        List<CompletionStage<Void>> ended = behindAnother(() -> {
            List<CompletionStage<Void>> waiting = new ArrayList<>();
            for (long id = 1; id <= 30; id++) {
                waiting.add(service.remove(TESTER, id));
            }
            // The second of a tunnel comes when there is none any more.
            waiting.add(service.remove(TESTER, 30));
            return waiting;
        });
        ended.subList(0, 30).forEach(World::get);
        assertThat(ended.get(30).toCompletableFuture())
                .failsWithin(MINUTE)
                .withThrowableOfType(Exception.class)
                .withCauseInstanceOf(NoSuchTunnelException.class);
        // The one in front, and one for all of the ends.
        assertThat(writes).hasValue(2);
    }

    @Test
    void changesOfDifferentTunnelsShareAWrite() {
        for (int i = 0; i < 40; i++) {
            CreatedTunnel unused = get(service.create(TESTER, request(MINUTE, 0)));
        }
        writes.set(0);
        List<CompletionStage<?>> changed = behindAnother(() -> {
            List<CompletionStage<?>> waiting = new ArrayList<>();
            for (long id = 1; id <= 40; id++) {
                waiting.add(
                        switch ((int) id % 4) {
                            case 0 -> service.pause(TESTER, id);
                            case 1 -> service.resume(TESTER, id);
                            case 2 -> service.rotateToken(TESTER, id);
                            default -> service.change(TESTER, id, OptionalLong.empty(), comment("all at once"));
                        });
            }
            // The second of a tunnel is made of what the first has made of it, so with another write.
            waiting.add(service.change(TESTER, 3, OptionalLong.of(2), comment("and again")));
            return waiting;
        });
        changed.forEach(World::get);
        // The create in front, one for forty, one for the last.
        assertThat(writes).hasValue(3);
        assertThat(service.find(TESTER, 4).orElseThrow().status().state()).isEqualTo(TunnelState.PAUSED);
        assertThat(service.find(TESTER, 3).orElseThrow().comment()).isEqualTo("and again");
        assertThat(service.find(TESTER, 3).orElseThrow().version()).isEqualTo(3);
        assertThat(service.find(TESTER, 7).orElseThrow().comment()).isEqualTo("all at once");
        assertThat(service.find(TESTER, 1).orElseThrow().version())
                .as("it was not paused")
                .isEqualTo(1);
    }

    @Test
    void changesThatMeetAreAnsweredAsIfTheyHadComeOneByOne() {
        get(service.create(TESTER, named("lab", new Expose("127.0.0.1", 22, 0))));
        get(service.create(TESTER, named("shop", new Expose("127.0.0.1", 22, 0))));
        get(service.create(TESTER, request(MINUTE, 0)));
        List<CompletionStage<Tunnel>> changed = behindAnother(() -> List.of(
                service.pause(TESTER, 3),
                service.change(TESTER, 1, OptionalLong.empty(), rename("yard")),
                // Free as soon as the one before has been made.
                service.change(TESTER, 2, OptionalLong.empty(), rename("lab")),
                service.change(TESTER, 3, OptionalLong.empty(), rename("lab")),
                service.pause(TESTER, 99),
                service.change(TESTER, 2, OptionalLong.of(1), comment("too late")),
                service.resume(TESTER, 3)));
        assertThat(get(changed.get(1)).name()).contains("yard");
        assertThat(get(changed.get(2)).name()).contains("lab");
        assertThat(refusal(changed.get(3))).hasMessage("name: 'lab' is the name of tunnel 2");
        assertThat(refusal(changed.get(4))).isInstanceOf(NoSuchTunnelException.class);
        assertThat(refusal(changed.get(5))).isInstanceOf(StaleVersionException.class);
        assertThat(get(changed.get(0)).status().state()).isEqualTo(TunnelState.PAUSED);
        assertThat(get(changed.get(6)).status().state()).isEqualTo(TunnelState.WAITING);
    }

    @Test
    void changesThatCannotBeWrittenAreAllRefusedAndNoneIsMade() {
        for (int i = 0; i < 3; i++) {
            CreatedTunnel unused = get(service.create(TESTER, request(MINUTE, 0)));
        }
        List<CompletionStage<Tunnel>> changed = behindAnother(() -> {
            poison();
            return List.of(service.pause(TESTER, 1), service.resume(TESTER, 3), service.pause(TESTER, 2));
        });
        assertThat(refusal(changed.get(0))).isInstanceOf(StoreUnavailableException.class);
        assertThat(get(changed.get(1)).version()).as("nothing to be written").isEqualTo(1);
        assertThat(refusal(changed.get(2))).isInstanceOf(StoreUnavailableException.class);
        plane.settled();
        assertThat(plane.paused).isEmpty();
        assertThat(service.list(TESTER)).allMatch(tunnel -> tunnel.status().state() == TunnelState.WAITING);
    }

    /** No tunnel can be paused any more. */
    private void poison() {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + data.resolve("culvert.db"));
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TRIGGER poison BEFORE UPDATE ON tunnel WHEN NEW.paused_by IS NOT NULL"
                    + " BEGIN SELECT RAISE(ABORT, 'not this one'); END");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static TunnelPatch comment(String comment) {
        return new TunnelPatch(
                Optional.empty(), Optional.empty(), Optional.of(comment), Optional.empty(), Optional.empty());
    }

    private static TunnelPatch rename(String name) {
        return new TunnelPatch(
                Optional.of(name), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    @Test
    void ofTwoThatWantTheSameTheFirstHasIt() {
        int port = get(service.create(TESTER, request(MINUTE, 0)))
                .tunnel()
                .exposes()
                .get(0)
                .port();
        List<CompletionStage<CreatedTunnel>> created = behindAnother(() -> List.of(
                service.create(TESTER, named("lab", new Expose("127.0.0.1", 22, 0))),
                service.create(TESTER, named("lab", new Expose("127.0.0.1", 22, 0))),
                service.create(TESTER, request(MINUTE, port)),
                service.create(TESTER, request(MINUTE, 0))));
        long first = get(created.get(0)).tunnel().id();
        assertThat(refusal(created.get(1))).hasMessage("name: 'lab' is the name of tunnel " + first);
        assertThat(refusal(created.get(2))).hasMessage("expose: " + port + " is held by tunnel 1");
        assertThat(get(created.get(3)).tunnel().exposes()).hasSize(1);
    }

    @Test
    void aPortThatCannotBeBoundCostsItsOwnTunnelOnly() throws Exception {
        try (ServerSocket foreign = new ServerSocket(0, 1, plane.address)) {
            List<CompletionStage<CreatedTunnel>> created = behindAnother(() -> List.of(
                    service.create(TESTER, named("lab", new Expose("127.0.0.1", 22, foreign.getLocalPort()))),
                    // Would be refused for the name, had the first one come to be.
                    service.create(TESTER, named("lab", new Expose("127.0.0.1", 22, 0))),
                    service.create(TESTER, request(MINUTE, 0))));
            assertThat(refusal(created.get(0))).isInstanceOf(PortTakenException.class);
            assertThat(get(created.get(1)).tunnel().name()).contains("lab");
            assertThat(get(created.get(2)).tunnel().exposes()).hasSize(1);
        }
    }

    @Test
    void aRowThatCannotBeWrittenCostsItsOwnTunnelOnly() throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + data.resolve("culvert.db"));
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TRIGGER poison BEFORE INSERT ON tunnel WHEN NEW.id = 4"
                    + " BEGIN SELECT RAISE(ABORT, 'not this one'); END");
        }
        List<CompletionStage<CreatedTunnel>> created = behindAnother(() -> {
            List<CompletionStage<CreatedTunnel>> waiting = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                waiting.add(service.create(TESTER, request(MINUTE, 0)));
            }
            return waiting;
        });
        assertThat(refusal(created.get(2))).isInstanceOf(StoreUnavailableException.class);
        created.stream().filter(one -> one != created.get(2)).forEach(World::get);
        assertThat(service.list(World.TESTER)).extracting(Tunnel::id).containsExactly(1L, 2L, 3L, 5L, 6L, 7L);
        assertThat(plane.openTunnels()).isEqualTo(6);
        assertThat(get(service.create(TESTER, request(MINUTE, 0))).tunnel().id())
                .as("the store is not taken for dead")
                .isEqualTo(8);
    }

    @Test
    void twoWithOneKeyAreOneTunnel() {
        IdempotencyKey key = new IdempotencyKey("job-1", "fingerprint");
        List<CompletionStage<CreatedTunnel>> created = behindAnother(() -> List.of(
                service.create(TESTER, request(MINUTE, 0), key),
                service.create(TESTER, request(MINUTE, 0), key),
                service.create(TESTER, request(MINUTE, 0), new IdempotencyKey("job-1", "another"))));
        CreatedTunnel first = get(created.get(0));
        assertThat(get(created.get(1)).tunnel().id()).isEqualTo(first.tunnel().id());
        assertThat(get(created.get(1)).join()).isEqualTo(first.join());
        assertThat(refusal(created.get(2))).isInstanceOf(ConflictException.class);
        assertThat(service.list(World.TESTER)).hasSize(2);
    }

    /** What is asked for while a create in front of it holds the lane. */
    private <T> List<T> behindAnother(Supplier<List<T>> ask) {
        CompletableFuture<Void> gate = new CompletableFuture<>();
        plane.gate = gate;
        CompletionStage<CreatedTunnel> front = service.create(TESTER, request(MINUTE, 0));
        // It is at the data plane when this is answered behind it.
        await().until(() -> gate.getNumberOfDependents() > 0);
        List<T> asked = ask.get();
        gate.complete(null);
        CreatedTunnel unused = get(front);
        return asked;
    }

    private static CreateTunnel named(String name, Expose expose) {
        return new CreateTunnel(
                Optional.of(name),
                Map.of(),
                List.of(expose),
                Optional.empty(),
                "",
                LeaseTerms.of(MINUTE),
                Policies.NONE);
    }

    private static Throwable refusal(CompletionStage<?> stage) {
        Throwable thrown = catchThrowable(() -> {
            Object unused = get(stage);
        });
        return Objects.requireNonNull(thrown.getCause());
    }

    /** The real store, and how many changes it was told of. */
    private record CountingStore(TunnelStore store, AtomicInteger writes) implements TunnelStore {
        @Override
        public long nextId() {
            return store.nextId();
        }

        @Override
        public List<StoredTunnel> load() {
            return store.load();
        }

        @Override
        public List<EndedTunnel> loadEnded() {
            return store.loadEnded();
        }

        @Override
        public PortChanges loadPorts() {
            return store.loadPorts();
        }

        @Override
        public boolean draining() {
            return store.draining();
        }

        @Override
        public void insertAll(List<StoredTunnel> tunnels) {
            writes.incrementAndGet();
            store.insertAll(tunnels);
        }

        @Override
        public void apply(StoreChanges changes) {
            if (!changes.gone().isEmpty() || !changes.put().isEmpty()) {
                writes.incrementAndGet();
            }
            store.apply(changes);
        }

        @Override
        public void close() {
            store.close();
        }
    }
}
