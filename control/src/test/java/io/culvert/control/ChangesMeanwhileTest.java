package io.culvert.control;

import static io.culvert.control.World.TESTER;
import static io.culvert.control.World.get;
import static io.culvert.control.World.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.control.event.EventLog;
import io.culvert.control.sql.SqlTunnelStore;
import io.culvert.gateway.Admission;
import io.culvert.gateway.AgentDoor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a tunnel while a change of it is being written. */
class ChangesMeanwhileTest {
    private static final Duration TTL = ControlSettings.CREDENTIAL_TTL;
    private static final Duration SECOND = Duration.ofSeconds(1);

    @TempDir
    Path data;

    private final HandClock clock = new HandClock();
    private SocketDataPlane plane = new SocketDataPlane();
    private SlowStore store;
    private TunnelService service;
    private String join;
    private NewJoinToken token;

    /** A tunnel with an agent that has renewed its credential, and not shown the new one yet. */
    @BeforeEach
    void open() {
        start();
        join = get(service.create(TESTER, request(Duration.ZERO, 0))).join();
        token = token();
        assertAdmitted(exchange(token, 1));
        clock.move(TTL.dividedBy(3));
        assertAdmitted(get(door().renew(1, credential(1), credential(2))));
    }

    @AfterEach
    void close() {
        service.close();
        plane.close();
    }

    private void start() {
        store = new SlowStore(SqlTunnelStore.open(data));
        service = new TunnelService(
                plane, store, clock, clock, ControlSettings.defaults(), new EventLog(1_000), Projects.onlyDefault());
        service.start();
    }

    private void restart() {
        close();
        plane = new SocketDataPlane(plane.address);
        start();
    }

    @Test
    void aTokenThatWasRotatedStaysSoWhenAnAgentShowsItsNewCredentialMeanwhile() {
        String fresh = meanwhile(() -> service.rotateToken(TESTER, 1), () -> assertAdmitted(show(2)))
                .join();
        restart();
        assertAdmitted(get(door().admit(1, SocketDataPlane.secretOf(fresh))));
        assertThat(get(door().admit(1, SocketDataPlane.secretOf(join)))).isInstanceOf(Admission.Refused.class);
        assertThat(service.find(TESTER, 1).orElseThrow().version()).isEqualTo(2);
        assertCredentialIsUsedUp();
    }

    /** Its old secret was dropped meanwhile, in memory and in the store. */
    private void assertCredentialIsUsedUp() {
        assertThat(show(1)).isInstanceOf(Admission.Refused.class);
        assertAdmitted(show(2));
    }

    @Test
    void aPauseStaysWhenACredentialEndsMeanwhile() {
        clock.move(TTL.minus(SECOND));
        Tunnel paused = meanwhile(() -> service.pause(TESTER, 1), () -> {
            clock.move(SECOND);
            get(service.heartbeat(TESTER, 1));
            // What was due at the one before has been done when this is answered.
            get(service.heartbeat(TESTER, 1));
        });
        assertThat(paused.status().state()).isEqualTo(TunnelState.PAUSED);
        assertThat(credentials()).isEmpty();
        restart();
        assertThat(service.find(TESTER, 1).orElseThrow().status().state()).isEqualTo(TunnelState.PAUSED);
        assertThat(credentials()).isEmpty();
    }

    @Test
    void aDrainStaysWhenAnAgentShowsItsNewCredentialMeanwhile() {
        plane.visitors.put(1L, 1);
        Tunnel draining = meanwhile(
                () -> service.end(TESTER, 1, OptionalLong.empty(), Duration.ofMinutes(1)),
                () -> assertAdmitted(show(2)));
        assertThat(draining.status().state()).isEqualTo(TunnelState.DRAINING);
        assertCredentialIsUsedUp();
        restart();
        assertThat(service.find(TESTER, 1)).isEmpty();
    }

    @Test
    void anExchangeOfTheSameTokenStaysWhenAnAgentShowsItsNewCredentialMeanwhile() {
        assertAdmitted(meanwhile(
                () -> door().admit(1, SocketDataPlane.secretOf(token.join()), credential(7)),
                () -> assertAdmitted(show(2))));
        assertCredentialIsUsedUp();
        restart();
        assertCredentialIsUsedUp();
        assertAdmitted(show(7));
    }

    @Test
    void aRevocationStaysWhenAnAgentShowsItsNewCredentialMeanwhile() {
        NewJoinToken other = token();
        assertAdmitted(exchange(other, 7));
        IssuedToken revoked =
                meanwhile(() -> service.revokeJoinToken(TESTER, 1, token.token().id()), () -> assertAdmitted(show(2)));
        assertThat(revoked.credentials()).isEmpty();
        assertThat(show(2)).isInstanceOf(Admission.Refused.class);
        restart();
        assertThat(show(2)).isInstanceOf(Admission.Refused.class);
        assertAdmitted(show(7));
    }

    /** Asks for a change, has something happen while it is at the disk, and lets it be written. */
    private <T> T meanwhile(Supplier<CompletionStage<T>> change, Runnable act) {
        CompletableFuture<Void> gate = new CompletableFuture<>();
        CompletableFuture<Void> writing = new CompletableFuture<>();
        store.writing = writing;
        store.gate = gate;
        CompletionStage<T> outcome = change.get();
        get(writing);
        store.gate = CompletableFuture.completedFuture(null);
        act.run();
        gate.complete(null);
        return get(outcome);
    }

    private NewJoinToken token() {
        return get(service.createJoinToken(TESTER, 1, Optional.empty(), OptionalInt.empty()));
    }

    private List<SessionCredential> credentials() {
        return get(service.joinTokens(TESTER, 1)).get(0).credentials();
    }

    private AgentDoor door() {
        return Objects.requireNonNull(plane.door);
    }

    private Admission exchange(NewJoinToken from, int credential) {
        return get(door().admit(1, SocketDataPlane.secretOf(from.join()), credential(credential)));
    }

    private Admission show(int credential) {
        return get(door().admit(1, new byte[0], credential(credential)));
    }

    private static void assertAdmitted(Admission admission) {
        assertThat(admission).isInstanceOf(Admission.Admitted.class);
    }

    /** A credential as an agent draws one. */
    private static byte[] credential(int number) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) number);
        return bytes;
    }

    /** The real store, on a disk that waits for the gate. */
    private static final class SlowStore implements TunnelStore {
        private final TunnelStore store;
        volatile CompletableFuture<Void> gate = CompletableFuture.completedFuture(null);
        /** Completes when a change is at the gate. */
        volatile CompletableFuture<Void> writing = new CompletableFuture<>();

        SlowStore(TunnelStore store) {
            this.store = store;
        }

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
            store.insertAll(tunnels);
        }

        @Override
        public void apply(StoreChanges changes) {
            if (!changes.put().isEmpty()) {
                CompletableFuture<Void> closed = gate;
                writing.complete(null);
                closed.join();
            }
            store.apply(changes);
        }

        @Override
        public void close() {
            store.close();
        }
    }
}
