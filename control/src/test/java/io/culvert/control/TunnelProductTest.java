package io.culvert.control;

import static io.culvert.control.World.MINUTE;
import static io.culvert.control.World.TESTER;
import static io.culvert.control.World.get;
import static io.culvert.control.World.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.control.Policies.ProxyProtocol;
import io.culvert.control.event.EventKind;
import io.culvert.control.usage.UsageStore;
import io.culvert.gateway.Admission;
import io.culvert.gateway.Counts;
import io.culvert.gateway.GatewayEvents;
import io.culvert.gateway.Policy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Changes, states, ends that stay readable, idempotent and bulk requests. */
class TunnelProductTest {
    private static final Policies SOME = new Policies(
            List.of("192.0.2.0/24"),
            List.of("2001:db8::1"),
            5,
            2,
            3,
            1_000,
            2_000,
            100,
            200,
            10,
            MINUTE,
            MINUTE.multipliedBy(2),
            ProxyProtocol.V2);

    @TempDir
    Path data;

    private World world;

    @BeforeEach
    void open() {
        world = new World(data);
    }

    @AfterEach
    void close() {
        world.close();
    }

    @Test
    void everythingThatWasAgreedComesBackAfterARestart() {
        Tunnel created = get(world.service.create(TESTER, named("lab"))).tunnel();
        assertThat(created.owner()).isEqualTo("tester");
        get(world.service.pause(TESTER, 1));
        world.store.usage().write(new UsageStore.Batch(1, Map.of(1L, new Counts(1, 2, 3, 4, 5)), Map.of(), List.of()));
        Tunnel before = world.service.find(World.TESTER, 1).orElseThrow();
        world = world.next();
        world.service.start();
        Tunnel after = world.service.find(World.TESTER, 1).orElseThrow();
        assertThat(after)
                .usingRecursiveComparison()
                .ignoringFields("lease.lastHeartbeat")
                .isEqualTo(before);
        assertThat(after.version()).isEqualTo(2);
        assertThat(after.status().reason()).isEqualTo("paused by tester");
        assertThat(Objects.requireNonNull(world.plane.specs.get(1L)).counted()).isEqualTo(new Counts(1, 2, 3, 4, 5));
        assertThat(world.plane.paused).containsKey(1L);
        assertThat(world.plane.policies.get(1L)).isEqualTo(Specs.of(SOME));
    }

    @Test
    void countsAreLeftAloneByWhatChangesTheRestOfARow() {
        get(world.service.create(TESTER, named("lab")));
        world.store.usage().write(new UsageStore.Batch(1, Map.of(1L, new Counts(1, 2, 3, 4, 5)), Map.of(), List.of()));
        get(world.service.pause(TESTER, 1));
        assertThat(world.store.load())
                .extracting(StoredTunnel::counted)
                .containsExactly(new StoredCounts(1, 2, 3, 4, 5));
    }

    @Test
    void aChangeIsForAVersionAndNamesWhatIsWrong() {
        get(world.service.create(TESTER, named("lab")));
        get(world.service.create(TESTER, named("other")));
        TunnelPatch patch = new TunnelPatch(
                Optional.of("new"),
                Optional.of(Map.of("team", "b")),
                Optional.of("changed"),
                Optional.empty(),
                Optional.of(Policies.NONE));
        Tunnel changed = get(world.service.change(TESTER, 1, OptionalLong.of(1), patch));
        assertThat(changed.version()).isEqualTo(2);
        assertThat(changed.name()).contains("new");
        assertThat(changed.labels()).isEqualTo(Map.of("team", "b"));
        assertThat(changed.comment()).isEqualTo("changed");
        world.plane.settled();
        assertThat(world.plane.policies.get(1L)).isEqualTo(io.culvert.gateway.Policies.NONE);
        assertThat(get(world.service.change(TESTER, 1, OptionalLong.of(2), patch))
                        .version())
                .as("the same again is no change")
                .isEqualTo(2);
        assertThat(world.refused(world.service.change(TESTER, 1, OptionalLong.of(1), patch)))
                .isInstanceOf(StaleVersionException.class);
        assertThat(world.refused(world.service.change(TESTER, 1, OptionalLong.empty(), name("other"))))
                .isInstanceOf(ConflictException.class)
                .hasMessage("name: 'other' is the name of tunnel 2");
        assertThat(get(world.service.change(TESTER, 1, OptionalLong.empty(), name(" ")))
                        .name())
                .isEmpty();
        assertThat(get(world.service.change(TESTER, 2, OptionalLong.empty(), name("new")))
                        .name())
                .contains("new");
        assertThat(world.refused(world.service.change(TESTER, 9, OptionalLong.empty(), name("x"))))
                .isInstanceOf(NoSuchTunnelException.class);
        assertThat(world.kinds(1)).containsExactly(EventKind.CREATED, EventKind.CHANGED, EventKind.CHANGED);
    }

    @Test
    void badInputIsNamedByItsField() {
        Policies bad = new Policies(
                List.of("10.0.0.0/8", "nowhere"),
                List.of(),
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                Duration.ZERO,
                Duration.ZERO,
                ProxyProtocol.NONE);
        assertThat(world.refused(
                        world.service.check(TESTER, with(Optional.of("x"), Map.of(), LeaseTerms.of(MINUTE), bad))))
                .hasMessageStartingWith("policies.visitors.allow.1: 'nowhere' (expected:");
        assertThat(world.refused(world.service.create(
                        TESTER, with(Optional.of(" "), Map.of(), LeaseTerms.of(MINUTE), Policies.NONE))))
                .hasMessageStartingWith("name: ' '");
        assertThat(world.refused(world.service.create(
                        TESTER, with(Optional.empty(), Map.of("k", "\n"), LeaseTerms.of(MINUTE), Policies.NONE))))
                .hasMessageStartingWith("labels.k: 'U+000A at 0'");
        assertThat(world.refused(world.service.create(
                        TESTER,
                        with(Optional.of("x"), Map.of(), LeaseTerms.of(Duration.ofDays(4_000)), Policies.NONE))))
                .hasMessageStartingWith("lease.ttl_seconds: '345600000'");
        get(world.service.check(TESTER, named("fine")));
        assertThat(world.plane.openTunnels()).isZero();
        assertThat(world.service.list(World.TESTER)).isEmpty();
    }

    @Test
    void statesFollowTheAgentsAndAreTold() {
        get(world.service.create(TESTER, named("lab")));
        assertThat(world.status(1).reason()).isEqualTo("no agent has connected yet");
        world.clock.move(MINUTE);
        world.agentUp(1, "box", 1);
        assertThat(world.status(1))
                .isEqualTo(new Transition(TunnelState.UP, "agent box is connected", HandClock.START.plus(MINUTE)));
        world.agentUp(1, "box", 2);
        assertThat(world.status(1).reason()).isEqualTo("2 agents are connected");
        world.plane.counts.put(1L, new Counts(5, 5, 1, 0, 0));
        Objects.requireNonNull(world.plane.events).policyHit(1, Policy.VOLUME, "203.0.113.9", 2);
        world.nudge();
        assertThat(world.status(1).state()).isEqualTo(TunnelState.DEGRADED);
        world.agentDown(1, "box", "reset", 0);
        assertThat(world.status(1).state()).isEqualTo(TunnelState.WAITING);
        assertThat(world.status(1).reason()).endsWith("(reset)");
        assertThat(world.service.find(World.TESTER, 1).orElseThrow().transitions())
                .extracting(Transition::state)
                .containsExactly(TunnelState.WAITING, TunnelState.UP, TunnelState.DEGRADED, TunnelState.WAITING);
        assertThat(world.kinds(1))
                .containsExactly(
                        EventKind.CREATED,
                        EventKind.AGENT_UP,
                        EventKind.UP,
                        EventKind.AGENT_UP,
                        EventKind.POLICY_HIT,
                        EventKind.DOWN,
                        EventKind.AGENT_DOWN);
        for (int i = 0; i < 30; i++) {
            world.agentUp(1, "box", 1);
            world.agentDown(1, "box", "reset", 0);
        }
        assertThat(world.service.find(World.TESTER, 1).orElseThrow().transitions())
                .hasSize(20);
    }

    @Test
    void aTargetThatCannotBeReachedDegradesUntilItIsReached() {
        get(world.service.create(TESTER, named("lab")));
        world.agentUp(1, "box", 1);
        GatewayEvents plane = Objects.requireNonNull(world.plane.events);
        for (int i = 0; i < 50; i++) {
            plane.targetFailed(1, 0, "target 127.0.0.1:22: connection refused");
        }
        world.nudge();
        assertThat(world.status(1).state()).isEqualTo(TunnelState.DEGRADED);
        assertThat(world.status(1).reason()).isEqualTo("target 127.0.0.1:22: connection refused");
        plane.targetFailed(1, 1, "target 127.0.0.1:23: timed out 127.0.0.1:23");
        world.nudge();
        assertThat(world.status(1).reason()).isEqualTo("target 127.0.0.1:22: connection refused; and 1 more");
        get(world.service.pause(TESTER, 1));
        assertThat(world.status(1).state()).isEqualTo(TunnelState.PAUSED);
        plane.targetReached(1, 0);
        get(world.service.resume(TESTER, 1));
        assertThat(world.status(1).reason()).isEqualTo("target 127.0.0.1:23: timed out 127.0.0.1:23");
        plane.targetReached(1, 1);
        world.nudge();
        assertThat(world.status(1).state()).isEqualTo(TunnelState.UP);
        plane.targetFailed(7, 0, "target of a tunnel that has ended");
        world.nudge();
        assertThat(world.service.find(World.TESTER, 1).orElseThrow().transitions())
                .extracting(Transition::state)
                .containsExactly(
                        TunnelState.WAITING,
                        TunnelState.UP,
                        TunnelState.DEGRADED,
                        TunnelState.PAUSED,
                        TunnelState.DEGRADED,
                        TunnelState.UP);
        assertThat(world.kinds(1))
                .containsExactly(
                        EventKind.CREATED,
                        EventKind.AGENT_UP,
                        EventKind.UP,
                        EventKind.DOWN,
                        EventKind.PAUSED,
                        EventKind.RESUMED,
                        EventKind.UP);
    }

    @Test
    void whatEndedStaysReadableForADay() {
        get(world.service.create(TESTER, named("lab")));
        world.plane.counts.put(1L, new Counts(70, 80, 9, 1, 2));
        Tunnel ended = get(world.service.end(TESTER, 1, OptionalLong.of(1), Duration.ZERO));
        assertThat(ended.status().state()).isEqualTo(TunnelState.ENDED);
        assertThat(ended.status().reason()).isEqualTo("ended by tester");
        assertThat(world.service.find(World.TESTER, 1)).isEmpty();
        world = world.next();
        world.service.start();
        assertThat(world.service.findAny(World.TESTER, 1)).contains(ended);
        assertThat(world.service.endedTunnels(World.TESTER)).containsExactly(ended);
        assertThat(world.traffic(1)).isEqualTo(new Traffic(0, 0, 70, 80, 9, 1, 2));
        assertThat(world.service.list(World.TESTER)).isEmpty();
        world.pass(Duration.ofDays(1).minusSeconds(1));
        assertThat(world.service.findAny(World.TESTER, 1)).isPresent();
        world.pass(Duration.ofSeconds(1));
        assertThat(world.service.findAny(World.TESTER, 1)).isEmpty();
        world.nudge();
        assertThat(world.store.loadEnded()).isEmpty();
    }

    @Test
    void anEndForAnotherVersionIsRefused() {
        get(world.service.create(TESTER, named("lab")));
        assertThat(world.refused(world.service.end(TESTER, 1, OptionalLong.of(7), Duration.ZERO)))
                .isInstanceOf(StaleVersionException.class);
        assertThat(world.refused(world.service.end(TESTER, 1, OptionalLong.empty(), Duration.ofDays(2))))
                .isInstanceOf(InvalidRequestException.class);
        assertThat(world.service.list(World.TESTER)).hasSize(1);
    }

    @Test
    void theSameKeyIsTheSameTunnel() {
        IdempotencyKey key = new IdempotencyKey("job-1", "aa");
        CreatedTunnel first = get(world.service.create(TESTER, named("lab"), key));
        CreatedTunnel again = get(world.service.create(TESTER, named("lab"), key));
        assertThat(again).isEqualTo(new CreatedTunnel(first.tunnel(), first.join(), true));
        assertThat(world.refused(world.service.create(TESTER, named("x"), new IdempotencyKey("job-1", "bb"))))
                .isInstanceOf(ConflictException.class);
        assertThat(get(world.service.create(Caller.trusted("another"), named("x"), key))
                        .tunnel()
                        .id())
                .isEqualTo(2);
        String rotated = get(world.service.rotateToken(TESTER, 1)).join();
        assertThat(get(world.service.create(TESTER, named("lab"), key)).join()).isEqualTo(rotated);
        world = world.next();
        world.service.start();
        CreatedTunnel after = get(world.service.create(TESTER, named("lab"), key));
        assertThat(after.tunnel().id()).isEqualTo(1);
        assertThat(after.join()).isNotEqualTo(rotated);
        assertThat(world.plane.grantsRevoked).containsExactly("1:");
        assertThat(admit(rotated)).isInstanceOf(Admission.Refused.class);
        assertThat(admit(after.join())).isEqualTo(new Admission.Admitted(1));
        get(world.service.remove(TESTER, 1));
        CreatedTunnel ended = get(world.service.create(TESTER, named("lab"), key));
        assertThat(ended.tunnel().status().state()).isEqualTo(TunnelState.ENDED);
        assertThat(ended.join()).isEmpty();
        world.clock.move(KeyBook.KEPT);
        assertThat(get(world.service.create(TESTER, named("lab"), key)).tunnel().id())
                .isEqualTo(3);
    }

    @Test
    void theRecordOfATunnelHasWhatWasCarriedUntilItsLastVisitorWasCut() {
        List<EndedTunnel> finals = new CopyOnWriteArrayList<>();
        world.service.watchEnds(finals::add);
        for (int i = 0; i < 2; i++) {
            assertThat(world.create(MINUTE, 0).replayed()).isFalse();
        }
        CompletableFuture<Void> gate = new CompletableFuture<>();
        world.plane.closeGate = gate;
        CompletionStage<Void> removed = world.service.remove(TESTER, 1);
        await().until(() -> world.plane.closeAsked.size() == 1);
        world.clock.move(MINUTE);
        List<Pool> unused = get(world.service.pools(TESTER));
        await().until(() -> world.plane.closeAsked.size() == 2);
        // What comes through between the order to close and the end of the last visitor.
        world.plane.counts.put(1L, new Counts(1_003, 2_004, 7, 0, 5));
        world.plane.counts.put(2L, new Counts(3, 5_004, 1, 0, 5));
        gate.complete(null);
        get(removed);
        // The clock has gone on by more than a removal waits for the
        // data plane, so the answer may be there before the counts.
        await().untilAsserted(() -> assertThat(world.traffic(1)).isEqualTo(new Traffic(0, 0, 1_003, 2_004, 7, 0, 5)));
        await().until(() -> finals.size() == 2);
        assertThat(world.traffic(2)).isEqualTo(new Traffic(0, 0, 3, 5_004, 1, 0, 5));
        assertThat(finals).extracting(record -> record.traffic().bytesOut()).containsExactlyInAnyOrder(2_004L, 5_004L);
        await().untilAsserted(() -> assertThat(world.store.loadEnded())
                .extracting(record -> record.traffic().bytesOut())
                .containsExactly(2_004L, 5_004L));
    }

    @Test
    void manyAtOnceEachForItself() {
        List<CreateTunnel> wanted = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            wanted.add(named("t" + i));
        }
        wanted.add(named("t7"));
        wanted.add(request(MINUTE, 70_000));
        List<Outcome<CreatedTunnel>> created = get(world.service.createAll(TESTER, wanted));
        assertThat(created).hasSize(52);
        assertThat(created.subList(0, 50))
                .allSatisfy(one -> assertThat(one.value()).isPresent());
        assertThat(created.get(50).failure().orElseThrow()).hasMessage("name: 't7' is the name of tunnel 8");
        assertThat(created.get(51).failure().orElseThrow()).isInstanceOf(InvalidRequestException.class);
        assertThat(world.storedIds()).hasSize(50);
        List<Outcome<Tunnel>> renewed = get(world.service.renewAll(TESTER, List.of(1L, 99L, 2L)));
        assertThat(renewed).extracting(one -> one.value().isPresent()).containsExactly(true, false, true);
        List<Outcome<Tunnel>> ended = get(world.service.endAll(TESTER, List.of(1L, 99L, 2L), Duration.ZERO));
        assertThat(ended).extracting(one -> one.value().isPresent()).containsExactly(true, false, true);
        assertThat(world.service.list(World.TESTER)).hasSize(48);
        assertThat(world.refused(world.service.renewAll(TESTER, new ArrayList<>(Collections.nCopies(1_001, 1L)))))
                .hasMessage("ids: '1001 entries' (expected: at most 1000)");
    }

    @Test
    void aBatchThatCannotBeStoredLeavesNothingOpen() {
        world.store.close();
        List<Outcome<CreatedTunnel>> refused = get(world.service.createAll(TESTER, List.of(named("a"), named("b"))));
        assertThat(refused)
                .allSatisfy(
                        one -> assertThat(one.failure().orElseThrow()).isInstanceOf(StoreUnavailableException.class));
        assertThat(world.plane.openTunnels()).isZero();
        assertThat(world.service.list(World.TESTER)).isEmpty();
    }

    @Test
    void aServerThatDrainsTakesNothingNew() {
        get(world.service.create(TESTER, named("lab")));
        world.agentUp(1, "box", 1);
        get(world.service.drainServer(TESTER, true));
        assertThat(world.service.draining()).isTrue();
        assertThat(world.status(1).state()).isEqualTo(TunnelState.DRAINING);
        assertThat(world.status(1).reason()).isEqualTo("the server drains: it lets no new visitors in");
        world.plane.settled();
        assertThat(world.plane.paused).containsEntry(1L, false);
        assertThat(world.refused(world.service.create(TESTER, named("x"))))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessage("the server drains: it takes no new tunnels");
        get(world.service.drainServer(TESTER, false));
        world.plane.settled();
        assertThat(world.plane.paused).isEmpty();
        assertThat(world.status(1).state()).isEqualTo(TunnelState.UP);
    }

    @Test
    void aServerThatDrainsDoesSoAfterARestart() {
        get(world.service.create(TESTER, named("lab")));
        get(world.service.create(TESTER, named("shut")));
        get(world.service.pause(TESTER, 2));
        get(world.service.drainServer(TESTER, true));
        assertThat(world.status(2).state()).isEqualTo(TunnelState.PAUSED);
        world = world.next();
        world.service.start();
        assertThat(world.service.draining()).isTrue();
        assertThat(world.status(1).state()).isEqualTo(TunnelState.DRAINING);
        assertThat(Objects.requireNonNull(world.plane.specs.get(1L)).paused()).isTrue();
        assertThat(world.refused(world.service.create(TESTER, named("x"))))
                .hasMessage("the server drains: it takes no new tunnels");
        // It can still be changed, unlike one that drains at its own end.
        get(world.service.renew(TESTER, 1));
        get(world.service.resume(TESTER, 2));
        assertThat(world.status(2).state()).isEqualTo(TunnelState.DRAINING);
        world.agentUp(1, "box", 1);
        get(world.service.drainServer(TESTER, false));
        assertThat(world.status(1).state()).isEqualTo(TunnelState.UP);
        world = world.next();
        world.service.start();
        assertThat(world.service.draining()).isFalse();
        assertThat(Objects.requireNonNull(world.plane.specs.get(1L)).paused()).isFalse();
    }

    @Test
    void tenThousandLeasesEndTogether() {
        List<CompletionStage<List<Outcome<CreatedTunnel>>>> batches = new ArrayList<>();
        for (int batch = 0; batch < 10; batch++) {
            List<CreateTunnel> wanted = new ArrayList<>();
            for (int i = 0; i < 1_000; i++) {
                wanted.add(request(MINUTE, 0));
            }
            batches.add(world.service.createAll(TESTER, wanted));
        }
        batches.forEach(World::get);
        assertThat(world.service.list(World.TESTER)).hasSize(10_000);
        world.clock.move(MINUTE);
        long start = System.nanoTime();
        assertThat(world.refused(world.service.heartbeat(TESTER, 99_999))).isInstanceOf(NoSuchTunnelException.class);
        world.nudge();
        assertThat(world.plane.closeAsked).hasSize(10_000);
        long last = world.plane.closeAsked.values().stream()
                .mapToLong(Long::longValue)
                .max()
                .orElseThrow();
        // Measured by ./dev bench; this only tells work for each from work for each with each, which takes minutes.
        assertThat(Duration.ofNanos(last - start)).isLessThan(Duration.ofSeconds(2));
        await().untilAsserted(() -> assertThat(world.service.list(World.TESTER)).isEmpty());
        assertThat(world.service.endedTunnels(World.TESTER)).hasSize(10_000);
    }

    private Admission admit(String join) {
        return get(Objects.requireNonNull(world.plane.door).admit(1, SocketDataPlane.secretOf(join)));
    }

    private static TunnelPatch name(String name) {
        return new TunnelPatch(
                Optional.of(name), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    private static CreateTunnel named(String name) {
        return with(Optional.of(name), Map.of("team", "a"), LeaseTerms.of(Duration.ZERO), SOME);
    }

    private static CreateTunnel with(
            Optional<String> name, Map<String, String> labels, LeaseTerms terms, Policies policies) {
        return new CreateTunnel(
                name,
                labels,
                List.of(new Expose(Protocol.TCP, "127.0.0.1", 22, 0, Optional.empty(), Optional.of("127.0.0.1"))),
                Optional.empty(),
                "",
                terms,
                policies);
    }
}
