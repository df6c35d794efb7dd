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
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stock agents show: issued once, kept, replaced, and gone with its tunnel. */
class BundleTest {
    private static final Admission REFUSED = new Admission.Refused(false, "no living tunnel takes this certificate");

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
                            "SELECT (SELECT count(*) FROM bundle) + (SELECT count(*) FROM bridge)")) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getInt(1)).isZero();
            }
        }
    }
}
