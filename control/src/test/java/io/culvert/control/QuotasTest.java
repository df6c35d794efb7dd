package io.culvert.control;

import static io.culvert.control.World.MINUTE;
import static io.culvert.control.World.TESTER;
import static io.culvert.control.World.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.control.caller.Grants;
import io.culvert.control.caller.Quotas;
import io.culvert.control.caller.Role;
import io.culvert.gateway.Admission;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a project may have at most. */
class QuotasTest {
    private static final Caller ANNA =
            new Caller("anna", "anna", Grants.of(false, Map.of("lab", Role.OPERATOR), "anna"));
    private static final int FROM = 24_500;

    @TempDir
    Path data;

    private World world;

    @BeforeEach
    void open() {
        ControlSettings settings = ControlSettings.defaults()
                .withPorts(
                        List.of(new PortPool("default", FROM, FROM + 9), new PortPool("web", FROM + 10, FROM + 19)),
                        Duration.ZERO);
        world = new World(data, new HandClock(), SocketDataPlane.freshAddress(), settings);
        world.service.start();
    }

    @AfterEach
    void close() {
        world.close();
    }

    private void allow(int tunnels, int ports, int sessions, Optional<Set<String>> pools) {
        world.projects.put(
                "lab",
                new Quotas(
                        some(tunnels), some(ports), some(sessions), OptionalInt.empty(), OptionalLong.empty(), pools));
    }

    private static OptionalInt some(int bound) {
        return bound < 0 ? OptionalInt.empty() : OptionalInt.of(bound);
    }

    private static CreateTunnel in(String pool, int... ports) {
        return new CreateTunnel(
                java.util.Arrays.stream(ports)
                        .mapToObj(port -> new Expose(
                                Protocol.TCP,
                                "127.0.0.1",
                                22,
                                port,
                                Optional.of(pool).filter(name -> !name.isEmpty()),
                                Optional.empty()))
                        .toList(),
                "",
                MINUTE);
    }

    @Test
    void tunnels_and_ports_are_counted_as_they_come_and_go() {
        allow(2, 3, -1, Optional.empty());
        long first = get(world.service.create(ANNA, in("", 0, 0))).tunnel().id();
        assertThat(world.refused(world.service.create(ANNA, in("", 0, 0))))
                .isInstanceOf(QuotaException.class)
                .hasMessage("project lab: 4 ports (expected: at most 3)");
        long second = get(world.service.create(ANNA, in("", 0))).tunnel().id();
        assertThat(world.refused(world.service.create(ANNA, in("", 0))))
                .hasMessage("project lab: 3 tunnels (expected: at most 2)");
        assertThat(world.refused(world.service.check(ANNA, in("", 0)))).isInstanceOf(QuotaException.class);
        assertThat(world.refused(world.service.reserve(ANNA, Optional.empty(), Protocol.TCP, 0, Optional.empty(), "x")))
                .hasMessage("project lab: 4 ports (expected: at most 3)");
        assertThat(get(world.service.create(TESTER, in("", 0))).tunnel().project())
                .as("other projects have their own")
                .isEqualTo(Projects.DEFAULT);
        get(world.service.remove(ANNA, first));
        PortHolding kept = get(world.service.reserve(ANNA, Optional.empty(), Protocol.TCP, 0, Optional.empty(), "x"));
        assertThat(get(world.service.reserve(ANNA, Optional.empty(), Protocol.TCP, kept.port(), Optional.empty(), "x"))
                        .port())
                .as("the same once more is no other one")
                .isEqualTo(kept.port());
        Map<String, Quotas> projects = Map.copyOf(world.projects);
        world = world.next();
        world.projects.putAll(projects);
        world.service.start();
        get(world.service.create(ANNA, in("", 0)));
        assertThat(world.refused(world.service.create(ANNA, in("", 0))))
                .as("also after a restart")
                .isInstanceOf(QuotaException.class);
        assertThat(world.service.find(ANNA, second)).isPresent();
    }

    @Test
    void many_at_once_are_counted_one_by_one() {
        allow(3, -1, -1, Optional.empty());
        List<Outcome<CreatedTunnel>> made =
                get(world.service.createAll(ANNA, List.of(in("", 0), in("", 0), in("", 0), in("", 0), in("", 0))));
        assertThat(made).extracting(one -> one.failure().isEmpty()).containsExactly(true, true, true, false, false);
        assertThat(made.get(3).failure()).containsInstanceOf(QuotaException.class);
    }

    @Test
    void ports_come_from_the_projects_pools_only() {
        allow(-1, -1, -1, Optional.of(Set.of("web")));
        assertThat(world.refused(world.service.create(ANNA, in("", 0))))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessage("exposes.0.pool: '' (expected: one of web)");
        assertThat(world.refused(world.service.create(ANNA, in("", FROM + 3))))
                .hasMessage("exposes.0.port: '24503' (expected: a port of one of the pools web)");
        Tunnel tunnel = get(world.service.create(ANNA, in("web", 0))).tunnel();
        assertThat(tunnel.exposes().get(0).port()).isBetween(FROM + 10, FROM + 19);
        assertThat(world.refused(world.service.movePort(ANNA, tunnel.id(), 0, FROM + 3)))
                .isInstanceOf(InvalidRequestException.class);
        assertThat(get(world.service.movePort(ANNA, tunnel.id(), 0, 0)).id()).isEqualTo(tunnel.id());
        assertThat(world.refused(
                        world.service.reserve(ANNA, Optional.empty(), Protocol.TCP, FROM + 3, Optional.empty(), "x")))
                .isInstanceOf(InvalidRequestException.class);
    }

    @Test
    void no_more_agents_than_the_project_may_have() {
        allow(-1, -1, 1, Optional.empty());
        CreatedTunnel one = get(world.service.create(ANNA, in("", 0)));
        CreatedTunnel two = get(world.service.create(ANNA, in("", 0)));
        assertThat(admission(one)).isInstanceOf(Admission.Admitted.class);
        world.agentUp(one.tunnel().id(), "a", 1);
        assertThat(admission(two))
                .isInstanceOfSatisfying(
                        Admission.Refused.class,
                        refused -> assertThat(refused)
                                .hasFieldOrPropertyWithValue("text", "the project has no place for another agent"));
        assertThat(world.status(two.tunnel().id()).reason())
                .as("whoever asks why nobody serves it is told")
                .startsWith("no agent is connected: one was turned away at ")
                .endsWith(" (the project has no place for another agent)");
        world.agentDown(one.tunnel().id(), "a", "gone", 0);
        assertThat(admission(two)).isInstanceOf(Admission.Admitted.class);
        world.agentUp(two.tunnel().id(), "b", 1);
        get(world.service.remove(ANNA, two.tunnel().id()));
        assertThat(admission(one)).as("an end gives places back").isInstanceOf(Admission.Admitted.class);
    }

    private Admission admission(CreatedTunnel made) {
        return get(Objects.requireNonNull(world.plane.door)
                .admit(made.tunnel().id(), SocketDataPlane.secretOf(made.join())));
    }
}
