package io.culvert.control;

import static io.culvert.control.World.MINUTE;
import static io.culvert.control.World.TESTER;
import static io.culvert.control.World.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.control.caller.Grants;
import io.culvert.control.caller.Permission;
import io.culvert.control.caller.Quotas;
import io.culvert.control.caller.Role;
import io.culvert.control.event.Event;
import io.culvert.control.event.EventLog;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may do what with whose tunnels, below any API. */
class TenantsTest {
    private static final String LAB = "lab";
    private static final String SHOP = "shop";
    private static final Caller ANNA = of("anna", LAB, Role.MEMBER);
    private static final Caller BEN = of("ben", LAB, Role.MEMBER);
    private static final Caller OLGA = of("olga", LAB, Role.OPERATOR);
    private static final Caller VIC = of("vic", LAB, Role.VIEWER);
    private static final Caller SAM = of("sam", SHOP, Role.OPERATOR);

    @TempDir
    Path data;

    private World world;

    private static Caller of(String user, String project, Role role) {
        return new Caller(user, user, Grants.of(false, Map.of(project, role), user));
    }

    private static Caller key(Caller of, Function<Grants, Grants> cut) {
        return new Caller(of.name() + "/cvk_1", of.owner(), cut.apply(of.grants()));
    }

    @BeforeEach
    void open() {
        world = new World(data);
        world.projects.put(LAB, Quotas.NONE);
        world.projects.put(SHOP, Quotas.NONE);
    }

    @AfterEach
    void close() {
        world.close();
    }

    private Tunnel made(Caller by) {
        return get(world.service.create(by, World.request(MINUTE, 0))).tunnel();
    }

    private Tunnel made(Caller by, String name) {
        return get(world.service.create(by, named(Optional.empty(), name))).tunnel();
    }

    private static CreateTunnel named(Optional<String> project, String name) {
        return new CreateTunnel(
                project,
                Optional.of(name).filter(said -> !said.isEmpty()),
                Map.of(),
                List.of(new Expose("127.0.0.1", 22, 0)),
                Optional.empty(),
                "",
                LeaseTerms.of(MINUTE),
                Policies.NONE);
    }

    private static TunnelPatch comment(String text) {
        return new TunnelPatch(
                Optional.empty(), Optional.empty(), Optional.of(text), Optional.empty(), Optional.empty());
    }

    /** Every verb that names a tunnel, and what it takes. */
    private Map<String, Function<Caller, CompletionStage<?>>> verbs(long id) {
        TunnelService service = world.service;
        return Map.ofEntries(
                Map.entry("renew", caller -> service.renew(caller, id)),
                Map.entry("change", caller -> service.change(caller, id, OptionalLong.empty(), comment("x"))),
                Map.entry("pause", caller -> service.pause(caller, id)),
                Map.entry("resume", caller -> service.resume(caller, id)),
                Map.entry("rotate", caller -> service.rotateToken(caller, id)),
                Map.entry("move", caller -> service.movePort(caller, id, 0, 0)),
                Map.entry("bundle", caller -> service.bundle(caller, id, false)),
                Map.entry("connections", caller -> service.connections(caller, id)),
                Map.entry("cut", caller -> service.cut(caller, id, 1)),
                Map.entry("sessions", caller -> service.sessions(caller, id)),
                Map.entry("kick", caller -> service.kick(caller, id, 1)),
                Map.entry("probe", caller -> service.probe(caller, id, 99)),
                Map.entry("end", caller -> service.end(caller, id, OptionalLong.empty(), Duration.ZERO)),
                Map.entry("drain", caller -> service.end(caller, id, OptionalLong.empty(), MINUTE)),
                Map.entry("remove", caller -> service.remove(caller, id)));
    }

    @Test
    void seed_to_strangers_a_tunnel_is_not_there_whatever_they_try() {
        Tunnel tunnel = made(ANNA);
        List<Caller> strangers = List.of(
                SAM,
                Caller.nobody(),
                key(ANNA, grants -> grants.within(SHOP)),
                key(ANNA, grants -> grants.within(tunnel.id() + 1)),
                key(ANNA, grants -> grants.within(EnumSet.noneOf(Permission.class))));
        for (Caller stranger : strangers) {
            assertThat(world.service.list(stranger)).isEmpty();
            assertThat(world.service.find(stranger, tunnel.id())).isEmpty();
            assertThat(world.service.findAny(stranger, tunnel.id())).isEmpty();
            verbs(tunnel.id())
                    .forEach((verb, of) -> assertThat(world.refused(of.apply(stranger)))
                            .as(verb)
                            .isInstanceOf(NoSuchTunnelException.class)
                            .hasMessage(new NoSuchTunnelException(tunnel.id()).getMessage()));
            assertThat(get(world.service.renewAll(stranger, List.of(tunnel.id())))
                            .get(0)
                            .failure())
                    .containsInstanceOf(NoSuchTunnelException.class);
            assertThat(get(world.service.endAll(stranger, List.of(tunnel.id()), Duration.ZERO))
                            .get(0)
                            .failure())
                    .containsInstanceOf(NoSuchTunnelException.class);
        }
        assertThat(world.service.find(ANNA, tunnel.id()))
                .as("nothing was changed")
                .contains(tunnel);
    }

    @Test
    void who_sees_a_tunnel_and_may_not_change_it_is_told_so() {
        Tunnel tunnel = made(ANNA);
        for (Caller other :
                List.of(BEN, VIC, key(ANNA, grants -> grants.within(EnumSet.of(Permission.TUNNELS_READ))))) {
            assertThat(world.service.find(other, tunnel.id())).contains(tunnel);
            verbs(tunnel.id()).forEach((verb, of) -> {
                if (verb.equals("connections") || verb.equals("sessions")) {
                    assertThat(of.apply(other)).succeedsWithin(Duration.ofSeconds(10));
                } else {
                    assertThat(world.refused(of.apply(other))).as(verb).isInstanceOf(ForbiddenException.class);
                }
            });
        }
        assertThat(world.service.find(ANNA, tunnel.id())).contains(tunnel);
        assertThat(get(world.service.pause(OLGA, tunnel.id())).status().state()).isEqualTo(TunnelState.PAUSED);
        assertThat(get(world.service.renew(OLGA, tunnel.id())).owner()).isEqualTo("anna");
    }

    @Test
    void a_heartbeat_jobs_key_renews_its_tunnel_and_does_nothing_else() {
        Tunnel tunnel = made(ANNA);
        Tunnel other = made(ANNA);
        Caller job = key(
                ANNA,
                grants -> grants.within(EnumSet.of(Permission.TUNNELS_RENEW)).within(tunnel.id()));
        assertThat(get(world.service.renew(job, tunnel.id())).id()).isEqualTo(tunnel.id());
        verbs(tunnel.id()).forEach((verb, of) -> {
            if (!verb.equals("renew")) {
                assertThat(world.refused(of.apply(job))).as(verb).isInstanceOf(ForbiddenException.class);
            }
        });
        assertThat(world.refused(world.service.renew(job, other.id()))).isInstanceOf(NoSuchTunnelException.class);
        assertThat(world.service.list(job)).isEmpty();
        assertThatThrownBy(() -> world.service.find(job, tunnel.id())).isInstanceOf(ForbiddenException.class);
        assertThat(world.refused(world.service.create(job, World.request(MINUTE, 0))))
                .isInstanceOf(ForbiddenException.class);
    }

    @Test
    void a_tunnel_goes_into_its_callers_project_and_into_no_other() {
        assertThat(made(ANNA).project()).isEqualTo(LAB);
        assertThat(made(TESTER).project()).isEqualTo(Projects.DEFAULT);
        assertThat(get(world.service.create(TESTER, named(Optional.of(SHOP), "")))
                        .tunnel()
                        .project())
                .isEqualTo(SHOP);
        assertThat(world.refused(world.service.create(VIC, named(Optional.empty(), ""))))
                .isInstanceOf(ForbiddenException.class);
        String none = String.valueOf(world.refused(world.service.create(ANNA, named(Optional.of("none"), "")))
                .getMessage());
        assertThat(String.valueOf(world.refused(world.service.create(ANNA, named(Optional.of(SHOP), "")))
                                .getMessage())
                        .replace(SHOP, "none"))
                .as("a project of others is none")
                .isEqualTo(none);
        assertThat(world.refused(world.service.create(TESTER, named(Optional.of("none"), ""))))
                .isInstanceOf(InvalidRequestException.class);
        Caller both = new Caller("both", "both", Grants.of(false, Map.of(LAB, Role.MEMBER, SHOP, Role.MEMBER), "both"));
        assertThat(world.refused(world.service.create(both, named(Optional.empty(), ""))))
                .hasMessage("project: '' (expected: one of lab, shop)");
    }

    @Test
    void names_and_request_keys_are_each_projects_own() {
        made(ANNA, "web");
        assertThat(made(SAM, "web").name()).contains("web");
        assertThat(world.refused(world.service.create(BEN, named(Optional.empty(), "web"))))
                .isInstanceOf(ConflictException.class);
        IdempotencyKey key = new IdempotencyKey("k", "f");
        long annas = get(world.service.create(ANNA, World.request(MINUTE, 0), key))
                .tunnel()
                .id();
        assertThat(get(world.service.create(SAM, World.request(MINUTE, 0), key))
                        .tunnel()
                        .id())
                .isNotEqualTo(annas);
        Caller everywhere =
                new Caller("anna", "anna", Grants.of(false, Map.of(LAB, Role.MEMBER, SHOP, Role.MEMBER), "anna"));
        assertThat(get(world.service.create(
                                key(everywhere, grants -> grants.within(SHOP)), World.request(MINUTE, 0), key))
                        .tunnel()
                        .project())
                .as("the same owner in another project")
                .isEqualTo(SHOP);
        assertThat(get(world.service.create(key(ANNA, grants -> grants), World.request(MINUTE, 0), key))
                        .tunnel()
                        .id())
                .as("a key acts for its user")
                .isEqualTo(annas);
    }

    @Test
    void ports_of_other_projects_are_refused_without_saying_whose_they_are() {
        Tunnel tunnel = made(ANNA, "web");
        int port = tunnel.exposes().get(0).port();
        assertThat(world.refused(world.service.create(SAM, World.request(MINUTE, port))))
                .hasMessage("expose: " + port + " is held");
        assertThat(world.refused(world.service.create(BEN, World.request(MINUTE, port))))
                .hasMessage("expose: " + port + " is held by tunnel " + tunnel.id() + " (web)");
        assertThat(world.refused(
                        world.service.reserve(SAM, Optional.empty(), Protocol.TCP, port, Optional.empty(), "web")))
                .hasMessage("port: " + port + " is held");
        assertThat(get(world.service.ports(SAM))).isEmpty();
        assertThat(get(world.service.ports(VIC))).hasSize(1);
        get(world.service.remove(ANNA, tunnel.id()));
        assertThat(world.refused(world.service.create(SAM, World.request(MINUTE, port))))
                .hasMessageMatching("expose: " + port + " rests until \\d\\d:\\d\\d:\\d\\dZ");
        assertThat(get(world.service.release(SAM, Protocol.TCP, port)))
                .as("no claim that SAM may know of")
                .isFalse();
        assertThat(world.refused(world.service.release(ANNA, Protocol.TCP, port)))
                .isInstanceOf(ForbiddenException.class);
        assertThat(get(world.service.release(OLGA, Protocol.TCP, port))).isTrue();
        get(world.service.reserve(OLGA, Optional.empty(), Protocol.TCP, port, Optional.empty(), "web"));
        assertThat(world.refused(world.service.create(SAM, named(SAM, port, "web"))))
                .as("the same name in another project")
                .hasMessage("expose: " + port + " is reserved");
        assertThat(get(world.service.create(BEN, named(BEN, port, "web")))
                        .tunnel()
                        .exposes()
                        .get(0)
                        .port())
                .isEqualTo(port);
    }

    private static CreateTunnel named(Caller by, int port, String name) {
        return new CreateTunnel(
                Optional.empty(),
                Optional.of(name),
                Map.of(),
                List.of(new Expose("127.0.0.1", 22, port)),
                Optional.empty(),
                "of " + by.name(),
                LeaseTerms.of(MINUTE),
                Policies.NONE);
    }

    @Test
    void events_are_told_to_those_who_see_the_tunnel() {
        Tunnel tunnel = made(ANNA);
        get(world.service.drainServer(TESTER, true));
        get(world.service.drainServer(TESTER, false));
        get(world.service.remove(ANNA, tunnel.id()));
        try (EventLog.Subscription all = world.events.subscribe(0, event -> {})) {
            List<Event> events = all.missed();
            assertThat(events)
                    .filteredOn(event -> event.isFor(VIC.grants()))
                    .allSatisfy(event -> assertThat(event.tunnel()).hasValue(tunnel.id()));
            assertThat(events)
                    .filteredOn(event -> event.isFor(VIC.grants()))
                    .as("also its end, when it is not there any more")
                    .extracting(Event::kind)
                    .contains(io.culvert.control.event.EventKind.CREATED, io.culvert.control.event.EventKind.REMOVED);
            assertThat(events).noneMatch(event -> event.isFor(SAM.grants()));
            assertThat(events)
                    .noneMatch(event -> event.isFor(ANNA.grants().within(EnumSet.of(Permission.TUNNELS_RENEW))));
            assertThat(events).allMatch(event -> event.isFor(TESTER.grants()));
        }
    }

    @Test
    void only_admins_drain_the_server() {
        assertThat(world.refused(world.service.drainServer(OLGA, true))).isInstanceOf(ForbiddenException.class);
        assertThat(world.service.draining()).isFalse();
    }

    /** CVE-2026-40304 of zrok: an owner that is NULL was equal to anybody's, and so their tunnels could be deleted. */
    @Test
    void zrok_a_tunnel_without_an_owner_is_nobodys_to_delete() {
        StoredTunnel ownerless = new StoredTunnel(
                41,
                List.of(new Expose("127.0.0.1", 22, 24_141)),
                Optional.empty(),
                "",
                Duration.ZERO,
                HandClock.START,
                HandClock.START,
                SecretHash.of("s"),
                Optional.empty());
        world.store.insertAll(List.of(ownerless));
        world = world.next();
        world.service.start();
        assertThat(world.service.find(TESTER, 41)).isPresent();
        Caller member = of("anna", Projects.DEFAULT, Role.MEMBER);
        Caller nameless = new Caller("x", "x", Grants.of(false, Map.of(Projects.DEFAULT, Role.MEMBER), ""));
        assertThat(world.refused(world.service.remove(member, 41))).isInstanceOf(ForbiddenException.class);
        assertThat(world.refused(world.service.remove(nameless, 41))).isInstanceOf(ForbiddenException.class);
        assertThat(world.refused(world.service.remove(SAM, 41))).isInstanceOf(NoSuchTunnelException.class);
        assertThat(world.service.find(TESTER, 41)).isPresent();
    }

    @Test
    void projects_owners_and_what_follows_from_them_survive_a_restart() {
        Tunnel web = made(ANNA, "web");
        get(world.service.reserve(OLGA, Optional.empty(), Protocol.UDP, 33_333, Optional.empty(), "dns"));
        Tunnel ended = made(ANNA);
        get(world.service.remove(ANNA, ended.id()));
        Map<String, Quotas> projects = Map.copyOf(world.projects);
        world = world.next();
        world.projects.putAll(projects);
        world.service.start();
        assertThat(world.service.find(VIC, web.id())).isPresent();
        assertThat(world.service.find(SAM, web.id())).isEmpty();
        assertThat(world.service.findAny(VIC, ended.id())).isPresent();
        assertThat(world.service.findAny(SAM, ended.id())).isEmpty();
        assertThat(world.service.endedTunnels(SAM)).isEmpty();
        assertThat(get(world.service.ports(SAM))).isEmpty();
        assertThat(get(world.service.ports(VIC)))
                .extracting(PortHolding::project)
                .containsOnly(LAB);
        assertThat(world.refused(world.service.create(BEN, named(Optional.empty(), "web"))))
                .isInstanceOf(ConflictException.class);
    }
}
