package io.culvert.control;

import static io.culvert.control.World.MINUTE;
import static io.culvert.control.World.TESTER;
import static io.culvert.control.World.get;
import static io.culvert.control.World.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes on while the database does not: it is locked by somebody else's transaction, or gone for good. */
class DeadStoreTest {
    @TempDir
    Path data;

    @Test
    void aCreateThatCannotBeStoredLeavesNothingOpen() {
        try (World world = new World(data)) {
            world.create(MINUTE, 0);
            world.store.close();
            Throwable refused = world.refused(world.service.create(TESTER, request(MINUTE, 0)));
            assertThat(refused)
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessage("the store does not answer; nothing was changed, try again");
            assertThat(world.plane.ended).containsExactly("2 REMOVED");
            assertThat(world.plane.openTunnels()).isOne();
            assertThat(world.service.list(World.TESTER)).extracting(Tunnel::id).containsExactly(1L);
            // Known to be dead now: the next one does not even ask for a port.
            assertThat(world.refused(world.service.create(TESTER, request(MINUTE, 0))))
                    .isInstanceOf(StoreUnavailableException.class);
            assertThat(world.plane.ended).hasSize(1);
        }
    }

    @Test
    void leasesGoOnAndEndWithoutAStore() {
        try (World world = new World(data)) {
            world.create(MINUTE, 0);
            world.create(MINUTE, 0);
            world.store.close();
            for (int i = 0; i < 30; i++) {
                world.pass(MINUTE.dividedBy(2));
                get(world.service.heartbeat(TESTER, 1));
            }
            assertThat(world.service.list(World.TESTER)).extracting(Tunnel::id).containsExactly(1L);
            await().untilAsserted(() -> assertThat(world.plane.ended).containsExactly("2 EXPIRED"));
            assertThat(world.service.ended().toCompletableFuture()).isNotDone();
        }
    }

    @Test
    void aStuckWriteDelaysNoLease() throws SQLException {
        try (World world = new World(data)) {
            world.create(Duration.ofSeconds(5), 0);
            world.create(Duration.ofSeconds(5), 0);
            try (WriteLock lock = new WriteLock(data)) {
                CompletionStage<CreatedTunnel> stuck = world.service.create(TESTER, request(MINUTE, 0));
                await().until(() -> world.plane.openTunnels() == 3);
                world.clock.move(Duration.ofSeconds(4));
                get(world.service.heartbeat(TESTER, 1));
                world.clock.move(Duration.ofSeconds(1));
                get(world.service.heartbeat(TESTER, 1));
                await().untilAsserted(() -> assertThat(world.plane.ended).containsExactly("2 EXPIRED"));
                assertThat(world.service.list(World.TESTER))
                        .extracting(Tunnel::id)
                        .containsExactly(1L);
                assertThat(stuck.toCompletableFuture())
                        .as("the write is still stuck")
                        .isNotDone();
                assertThat(world.refused(stuck)).isInstanceOf(StoreUnavailableException.class);
                assertThat(lock.isHeld()).isTrue();
            }
        }
    }

    @Test
    void everythingIsMadeGoodWhenTheStoreIsBack() throws SQLException {
        World world = new World(data);
        try (world) {
            int port = world.create(MINUTE, 0).tunnel().exposes().get(0).port();
            world.create(MINUTE, 0);
            try (WriteLock lock = new WriteLock(data)) {
                assertThat(lock.isHeld()).isTrue();
                assertThat(world.refused(world.service.remove(TESTER, 1)))
                        .isInstanceOf(StoreUnavailableException.class);
                assertThat(world.service.list(World.TESTER)).hasSize(2);
                assertThat(world.plane.listens(port)).isTrue();
                world.clock.move(Duration.ofSeconds(59));
                get(world.service.heartbeat(TESTER, 1));
                world.clock.move(Duration.ofSeconds(1));
                get(world.service.heartbeat(TESTER, 1));
                await().untilAsserted(() -> assertThat(world.plane.ended).containsExactly("2 EXPIRED"));
                assertThat(world.storedIds()).containsExactly(1L, 2L);
            }
            await().until(() -> {
                world.pass(Duration.ofSeconds(5));
                get(world.service.heartbeat(TESTER, 1));
                return world.storedIds().equals(List.of(1L));
            });
            assertThat(world.create(MINUTE, 0).tunnel().id()).isEqualTo(3);
            get(world.service.remove(TESTER, 1));
        }
        try (World after = world.next()) {
            after.service.start();
            assertThat(after.service.list(World.TESTER)).extracting(Tunnel::id).containsExactly(3L);
        }
    }

    /** Somebody else's write transaction, held until it is closed. */
    private static final class WriteLock implements AutoCloseable {
        private final Connection connection;

        WriteLock(Path data) throws SQLException {
            connection = DriverManager.getConnection("jdbc:sqlite:" + data.resolve("culvert.db"));
            try (Statement statement = connection.createStatement()) {
                statement.execute("BEGIN IMMEDIATE");
            }
        }

        boolean isHeld() throws SQLException {
            return !connection.isClosed();
        }

        @Override
        public void close() throws SQLException {
            connection.close();
        }
    }
}
