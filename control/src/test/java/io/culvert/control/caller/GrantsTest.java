package io.culvert.control.caller;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GrantsTest {
    private static final String LAB = "lab";
    private static final Grants ANNA = Grants.of(false, Map.of(LAB, Role.MEMBER), "anna");

    @Test
    void nothing_is_granted_by_default() {
        for (Permission each : Permission.values()) {
            assertThat(Grants.nothing().onTunnel(each, 1, LAB, "")).isEqualTo(Verdict.HIDDEN);
            assertThat(Grants.nothing().inProject(each, LAB)).isEqualTo(Verdict.HIDDEN);
            assertThat(Grants.nothing().anywhere(each)).isFalse();
        }
    }

    @Test
    void an_admin_may_do_everything_everywhere() {
        for (Permission each : Permission.values()) {
            assertThat(Grants.everything().onTunnel(each, 1, LAB, "anna")).isEqualTo(Verdict.ALLOWED);
            assertThat(Grants.everything().inProject(each, LAB)).isEqualTo(Verdict.ALLOWED);
            assertThat(Grants.everything().anywhere(each)).isTrue();
        }
    }

    @Test
    void a_member_changes_its_own_tunnels_and_sees_the_projects() {
        assertThat(ANNA.onTunnel(Permission.TUNNELS_WRITE, 1, LAB, "anna")).isEqualTo(Verdict.ALLOWED);
        assertThat(ANNA.onTunnel(Permission.TUNNELS_READ, 2, LAB, "ben")).isEqualTo(Verdict.ALLOWED);
        assertThat(ANNA.onTunnel(Permission.TUNNELS_WRITE, 2, LAB, "ben")).isEqualTo(Verdict.REFUSED);
        assertThat(ANNA.onTunnel(Permission.TUNNELS_RENEW, 2, LAB, "ben")).isEqualTo(Verdict.REFUSED);
        assertThat(ANNA.onTunnel(Permission.TUNNELS_READ, 3, "other", "anna")).isEqualTo(Verdict.HIDDEN);
        assertThat(ANNA.anywhere(Permission.ADMIN)).isFalse();
    }

    @Test
    void a_viewer_looks_on_and_an_operator_looks_after_all() {
        Grants viewer = Grants.of(false, Map.of(LAB, Role.VIEWER), "vic");
        Grants operator = Grants.of(false, Map.of(LAB, Role.OPERATOR), "olga");

        assertThat(viewer.onTunnel(Permission.TUNNELS_READ, 1, LAB, "anna")).isEqualTo(Verdict.ALLOWED);
        assertThat(viewer.onTunnel(Permission.TUNNELS_WRITE, 1, LAB, "vic")).isEqualTo(Verdict.REFUSED);
        assertThat(viewer.inProject(Permission.TUNNELS_WRITE, LAB)).isEqualTo(Verdict.REFUSED);
        assertThat(operator.onTunnel(Permission.TUNNELS_WRITE, 1, LAB, "anna")).isEqualTo(Verdict.ALLOWED);
        assertThat(operator.inProject(Permission.PORTS_WRITE, LAB)).isEqualTo(Verdict.ALLOWED);
        assertThat(operator.inProject(Permission.ADMIN, LAB)).isEqualTo(Verdict.REFUSED);
    }

    @Test
    void a_key_that_may_only_renew_one_tunnel_does_that_and_nothing_else() {
        Grants key =
                ANNA.within(EnumSet.of(Permission.TUNNELS_RENEW)).within(LAB).within(7);

        assertThat(key.onTunnel(Permission.TUNNELS_RENEW, 7, LAB, "anna")).isEqualTo(Verdict.ALLOWED);
        assertThat(key.onTunnel(Permission.TUNNELS_READ, 7, LAB, "anna")).isEqualTo(Verdict.REFUSED);
        assertThat(key.onTunnel(Permission.TUNNELS_RENEW, 8, LAB, "anna")).isEqualTo(Verdict.HIDDEN);
        assertThat(key.inProject(Permission.TUNNELS_RENEW, LAB)).isEqualTo(Verdict.REFUSED);
    }

    @Test
    void cutting_down_never_adds() {
        Grants narrow = ANNA.within(EnumSet.of(Permission.TUNNELS_READ));

        assertThat(narrow.within(EnumSet.allOf(Permission.class)).scopes()).containsExactly(Permission.TUNNELS_READ);
        assertThat(narrow.within("other").sees(LAB)).isFalse();
        assertThat(narrow.within("other").sees("other")).isFalse();
        assertThat(narrow.within(1).within(2).onTunnel(Permission.TUNNELS_READ, 2, LAB, "anna"))
                .isEqualTo(Verdict.HIDDEN);
    }

    @Test
    void an_admins_key_for_a_project_is_no_admin_of_the_server() {
        Grants key = Grants.everything().within(LAB);

        assertThat(key.admin()).isFalse();
        assertThat(key.anywhere(Permission.ADMIN)).isFalse();
        assertThat(key.onTunnel(Permission.TUNNELS_WRITE, 1, LAB, "ben")).isEqualTo(Verdict.ALLOWED);
        assertThat(key.onTunnel(Permission.TUNNELS_READ, 1, "other", "ben")).isEqualTo(Verdict.HIDDEN);
    }

    @Test
    void without_reading_nothing_is_learnt_of_tunnels() {
        Grants ports = ANNA.within(EnumSet.of(Permission.PORTS_READ));

        assertThat(ports.onTunnel(Permission.TUNNELS_WRITE, 1, LAB, "anna")).isEqualTo(Verdict.HIDDEN);
    }

    @Test
    void who_may_only_renew_learns_nothing_of_the_tunnels_of_others() {
        Grants key = ANNA.within(EnumSet.of(Permission.TUNNELS_RENEW));

        assertThat(key.onTunnel(Permission.TUNNELS_RENEW, 1, LAB, "anna")).isEqualTo(Verdict.ALLOWED);
        assertThat(key.onTunnel(Permission.TUNNELS_RENEW, 2, LAB, "ben")).isEqualTo(Verdict.HIDDEN);
    }

    @Test
    void a_tunnel_without_an_owner_is_nobodys_own() {
        Grants nameless = Grants.of(false, Map.of(LAB, Role.MEMBER), "");

        assertThat(nameless.onTunnel(Permission.TUNNELS_WRITE, 1, LAB, "")).isEqualTo(Verdict.REFUSED);
        assertThat(ANNA.onTunnel(Permission.TUNNELS_WRITE, 1, LAB, "")).isEqualTo(Verdict.REFUSED);
    }

    @Test
    void a_key_for_one_tunnel_is_good_for_nothing_that_is_no_tunnel_also_an_admins() {
        Grants key = Grants.everything().within(7);

        assertThat(key.anywhere(Permission.TUNNELS_WRITE)).isTrue();
        assertThat(key.anywhere(Permission.ADMIN)).isFalse();
        assertThat(key.anywhere(Permission.SERVER_READ)).isFalse();
        assertThat(key.anywhere(Permission.KEYS)).isFalse();
        assertThat(key.inProject(Permission.TUNNELS_WRITE, LAB)).isEqualTo(Verdict.REFUSED);
    }

    @Test
    void words_lead_back_to_what_they_name() {
        for (Permission each : Permission.values()) {
            assertThat(Permission.of(each.word())).contains(each);
        }
        for (Role each : Role.values()) {
            assertThat(Role.of(each.word())).contains(each);
        }
        assertThat(Permission.of("tunnels:")).isEmpty();
        assertThat(Role.of("admin")).isEmpty();
    }

    /** Or a key for one tunnel of an admin's could drain the server. */
    @Test
    void a_key_for_one_tunnel_is_good_for_tunnels_only() {
        Grants job = Grants.of(true, Map.of(), "root").within(7);
        for (Permission each : Permission.values()) {
            assertThat(job.anywhere(each)).as("%s", each).isEqualTo(each.ofTunnels());
            assertThat(each.ofTunnels()).isEqualTo(each.word().startsWith("tunnels:"));
        }
    }
}
