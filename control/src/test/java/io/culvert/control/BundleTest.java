package io.culvert.control;

import static io.culvert.control.World.MINUTE;
import static io.culvert.control.World.TESTER;
import static io.culvert.control.World.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.gateway.Admission;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stock agents show: issued once, kept, replaced, and gone with its tunnel. */
class BundleTest {
    private static final Admission REFUSED = new Admission.Refused(false, "no living tunnel takes this certificate");

    private static final Duration FOR_EVER = Duration.ZERO;

    @TempDir
    Path data;

    private static Admission admit(World world, long id, TunnelBundle bundle) {
        return get(Objects.requireNonNull(world.plane.door)
                .admitCertificate(id, bundle.fingerprint().bytes()));
    }

    @Test
    void theFirstCallIssuesAndLaterOnesAnswerTheSame() {
        World before = new World(data);
        before.create(MINUTE, 0);
        before.create(MINUTE, 0);
        TunnelBundle bundle = get(before.service.bundle(TESTER, 1, false));
        assertThat(bundle.certificates()).isEqualTo("certificates 1 of 1");
        assertThat(bundle.key()).isEqualTo("key 1");
        assertThat(bundle.toString()).doesNotContain("key 1");
        assertThat(get(before.service.bundle(TESTER, 1, false))).isEqualTo(bundle);
        assertThat(admit(before, 1, bundle)).isEqualTo(new Admission.Admitted(1));
        assertThat(admit(before, 2, bundle)).isEqualTo(REFUSED);
        assertThat(admit(before, 3, bundle)).isEqualTo(REFUSED);
        assertThat(before.plane.revoked).isEmpty();
        try (World after = before.next()) {
            after.service.start();
            assertThat(get(after.service.bundle(TESTER, 1, false))).isEqualTo(bundle);
            assertThat(after.plane.issued).hasValue(0);
            assertThat(admit(after, 1, bundle)).isEqualTo(new Admission.Admitted(1));
        }
    }

    @Test
    void anotherOneEndsTheOneBefore() {
        try (World world = new World(data)) {
            world.create(MINUTE, 0);
            TunnelBundle old = get(world.service.bundle(TESTER, 1, true));
            assertThat(world.plane.revoked).as("there was none before").isEmpty();
            TunnelBundle fresh = get(world.service.bundle(TESTER, 1, true));
            assertThat(fresh).isNotEqualTo(old);
            assertThat(world.plane.revoked).containsExactly(1L);
            assertThat(admit(world, 1, old)).isEqualTo(REFUSED);
            assertThat(admit(world, 1, fresh)).isEqualTo(new Admission.Admitted(1));
            assertThat(world.store.load())
                    .singleElement()
                    .satisfies(stored -> assertThat(stored.bundle()).contains(fresh));
            assertThat(get(world.service.heartbeat(TESTER, 1)).id()).isEqualTo(1);
        }
    }

    @Test
    void nearItsEndItIsRenewedAndTheOldOneStaysGoodUntilThen() {
        World before = new World(data);
        before.create(FOR_EVER, 0);
        TunnelBundle old = get(before.service.bundle(TESTER, 1, false));
        before.pass(SocketDataPlane.RENEWED_AFTER.minusSeconds(1));
        assertThat(get(before.service.bundle(TESTER, 1, false))).isEqualTo(old);
        before.pass(Duration.ofSeconds(1));
        TunnelBundle fresh = get(before.service.bundle(TESTER, 1, false));
        assertThat(fresh.certificates()).isEqualTo("certificates 2 of 1");
        assertThat(fresh.key()).isEqualTo("key 2");
        assertThat(fresh.endsAt()).isEqualTo(HandClock.START.plus(Duration.ofDays(20 + 30)));
        assertThat(get(before.service.bundle(TESTER, 1, false)))
                .as("once is enough")
                .isEqualTo(fresh);
        assertThat(before.plane.revoked).as("nobody is cut").isEmpty();
        assertThat(admit(before, 1, old)).isEqualTo(new Admission.Admitted(1));
        assertThat(admit(before, 1, fresh)).isEqualTo(new Admission.Admitted(1));
        try (World after = before.next()) {
            after.service.start();
            assertThat(get(after.service.bundle(TESTER, 1, false))).isEqualTo(fresh);
            assertThat(admit(after, 1, old)).isEqualTo(new Admission.Admitted(1));
            after.pass(Duration.ofDays(10));
            assertThat(admit(after, 1, old)).as("its dates are over").isEqualTo(REFUSED);
            assertThat(admit(after, 1, fresh)).isEqualTo(new Admission.Admitted(1));
            after.pass(Duration.ofDays(10));
            assertThat(get(after.service.bundle(TESTER, 1, false)).former())
                    .as("those that have ended are forgotten")
                    .containsExactly(new FormerCertificate(fresh.fingerprint(), fresh.endsAt()));
        }
    }

    @Test
    void anotherOneEndsBothTheRenewedAndTheOneBefore() {
        try (World world = new World(data)) {
            world.create(FOR_EVER, 0);
            TunnelBundle old = get(world.service.bundle(TESTER, 1, false));
            world.pass(SocketDataPlane.RENEWED_AFTER);
            TunnelBundle renewed = get(world.service.bundle(TESTER, 1, false));
            assertThat(world.plane.revoked).isEmpty();
            TunnelBundle other = get(world.service.bundle(TESTER, 1, true));
            assertThat(world.plane.revoked).containsExactly(1L);
            assertThat(admit(world, 1, old)).isEqualTo(REFUSED);
            assertThat(admit(world, 1, renewed)).isEqualTo(REFUSED);
            assertThat(admit(world, 1, other)).isEqualTo(new Admission.Admitted(1));
            assertThat(world.store.load())
                    .singleElement()
                    .satisfies(stored -> assertThat(stored.bundle()).contains(other));
        }
    }

    @Test
    void aDeadStorePutsARenewalOffUntilTheEnd() {
        try (World world = new World(data)) {
            world.create(FOR_EVER, 0);
            TunnelBundle old = get(world.service.bundle(TESTER, 1, false));
            world.store.close();
            // A change finds out that the store is dead.
            assertThat(world.refused(world.service.remove(TESTER, 1))).isInstanceOf(StoreUnavailableException.class);
            world.pass(SocketDataPlane.RENEWED_AFTER);
            assertThat(get(world.service.bundle(TESTER, 1, false))).isEqualTo(old);
            world.pass(Duration.ofDays(10));
            assertThat(world.refused(world.service.bundle(TESTER, 1, false)))
                    .isInstanceOf(StoreUnavailableException.class);
        }
    }

    @Test
    void itEndsWithItsTunnel() throws SQLException {
        try (World world = new World(data)) {
            world.create(MINUTE, 0);
            world.create(MINUTE.multipliedBy(2), 0);
            TunnelBundle expiring = get(world.service.bundle(TESTER, 1, false));
            TunnelBundle removed = get(world.service.bundle(TESTER, 2, false));
            world.pass(MINUTE);
            get(world.service.remove(TESTER, 2));
            assertThat(admit(world, 1, expiring)).isEqualTo(REFUSED);
            assertThat(admit(world, 2, removed)).isEqualTo(REFUSED);
            assertThat(world.refused(world.service.bundle(TESTER, 1, false))).isInstanceOf(NoSuchTunnelException.class);
            world.service.close();
            try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + data.resolve("culvert.db"));
                    Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery(
                            "SELECT (SELECT count(*) FROM bundle) + (SELECT count(*) FROM bridge)"
                                    + " + (SELECT count(*) FROM former_certificate)")) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getInt(1)).isZero();
            }
        }
    }
}
