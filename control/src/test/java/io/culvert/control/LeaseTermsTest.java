package io.culvert.control;

import static io.culvert.control.World.MINUTE;
import static io.culvert.control.World.TESTER;
import static io.culvert.control.World.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.control.LeaseTerms.RenewBy;
import io.culvert.control.event.Event;
import io.culvert.control.event.EventKind;
import io.culvert.control.event.EventLog;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Grace, drain, hard ends, sessions that renew, warnings: on a real database, with clocks moved by hand. */
class LeaseTermsTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

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
    void inItsGraceATunnelIsPausedAndARenewalBringsItBack() {
        create(terms(MINUTE, MINUTE, Duration.ZERO, RenewBy.API));
        int port = port(1);
        world.pass(MINUTE);
        assertThat(world.status(1).state()).isEqualTo(TunnelState.PAUSED);
        assertThat(world.status(1).reason())
                .isEqualTo("the lease ran out at 2026-03-04T05:07:07Z; renew it before 2026-03-04T05:08:07Z");
        world.plane.settled();
        assertThat(world.plane.paused).containsEntry(1L, true);
        assertThat(world.plane.listens(port)).isTrue();
        world.pass(MINUTE.minus(SECOND));
        Tunnel renewed = get(world.service.renew(TESTER, 1));
        assertThat(renewed.status().state()).isEqualTo(TunnelState.WAITING);
        world.plane.settled();
        assertThat(world.plane.paused).isEmpty();
        world.pass(MINUTE);
        assertThat(world.status(1).state()).isEqualTo(TunnelState.PAUSED);
        world.pass(MINUTE);
        assertThat(world.status(1).state()).isEqualTo(TunnelState.ENDED);
        assertThat(world.status(1).reason()).contains("was not renewed in its grace");
        assertThat(world.service.list(World.TESTER)).isEmpty();
        assertThat(world.kinds(1))
                .containsExactly(EventKind.CREATED, EventKind.EXPIRING, EventKind.EXPIRING, EventKind.EXPIRED);
    }

    @Test
    void aCallersPauseAndTheGraceAreTwoThings() {
        create(terms(MINUTE, MINUTE, Duration.ZERO, RenewBy.API));
        get(world.service.pause(TESTER, 1));
        world.pass(MINUTE);
        assertThat(get(world.service.resume(TESTER, 1)).status().reason()).startsWith("the lease ran out");
        world.plane.settled();
        assertThat(world.plane.paused).as("overdue all the same").containsKey(1L);
        get(world.service.pause(TESTER, 1));
        assertThat(get(world.service.renew(TESTER, 1)).status().reason()).isEqualTo("paused by tester");
        world.plane.settled();
        assertThat(world.plane.paused).containsKey(1L);
        get(world.service.resume(TESTER, 1));
        world.plane.settled();
        assertThat(world.plane.paused).isEmpty();
    }

    @Test
    void aDrainLetsVisitorsStayUntilItsEndOrUntilNoneIsLeft() {
        create(terms(MINUTE, Duration.ZERO, MINUTE, RenewBy.API));
        create(terms(MINUTE, Duration.ZERO, MINUTE, RenewBy.API));
        world.plane.visitors.put(1L, 1);
        world.plane.visitors.put(2L, 1);
        world.pass(MINUTE);
        assertThat(world.status(1).state()).isEqualTo(TunnelState.DRAINING);
        assertThat(world.status(2).state()).isEqualTo(TunnelState.DRAINING);
        assertThat(world.refused(world.service.renew(TESTER, 1))).isInstanceOf(ConflictException.class);
        world.plane.settled();
        assertThat(world.plane.paused).containsEntry(1L, false).containsEntry(2L, false);
        world.plane.empty(2);
        await().untilAsserted(() -> assertThat(world.status(2).state()).isEqualTo(TunnelState.ENDED));
        assertThat(world.status(1).state()).isEqualTo(TunnelState.DRAINING);
        world.pass(MINUTE);
        assertThat(world.status(1).state()).isEqualTo(TunnelState.ENDED);
        await().untilAsserted(() -> assertThat(world.plane.ended).containsExactlyInAnyOrder("2 EXPIRED", "1 EXPIRED"));
        assertThat(world.kinds(1)).containsExactly(EventKind.CREATED, EventKind.DRAINING, EventKind.EXPIRED);
    }

    @Test
    void aDrainThatWasRunningIsCutShortByARestart() {
        create(terms(MINUTE, Duration.ZERO, MINUTE, RenewBy.API));
        create(terms(Duration.ZERO, Duration.ZERO, Duration.ZERO, RenewBy.API));
        world.plane.visitors.put(1L, 1);
        world.plane.visitors.put(2L, 1);
        world.pass(MINUTE);
        assertThat(get(world.service.end(TESTER, 2, OptionalLong.empty(), MINUTE))
                        .status()
                        .state())
                .isEqualTo(TunnelState.DRAINING);
        world.nudge();
        world = world.next();
        world.service.start();
        assertThat(world.service.list(World.TESTER)).isEmpty();
        assertThat(world.status(1).reason()).endsWith("a restart cut that short");
        assertThat(world.status(2).reason()).isEqualTo("ended by tester; a restart cut that short");
    }

    @Test
    void theHardEndIsThatOfTheEarlierOfTwoAndSurvivesARestart() {
        Instant expires = HandClock.START.plus(Duration.ofMinutes(3));
        LeaseTerms terms = new LeaseTerms(
                MINUTE,
                MINUTE,
                Optional.of(Duration.ofMinutes(10)),
                Optional.of(expires),
                Duration.ZERO,
                RenewBy.API,
                List.of());
        Tunnel tunnel = create(terms);
        assertThat(tunnel.lease().hardEnd()).contains(expires);
        world.pass(SECOND.multipliedBy(50));
        get(world.service.renew(TESTER, 1));
        world.nudge();
        world = world.next();
        world.service.start();
        for (int i = 0; i < 2; i++) {
            world.pass(SECOND.multipliedBy(50));
            get(world.service.renew(TESTER, 1));
        }
        world.pass(SECOND.multipliedBy(29));
        assertThat(world.service.list(World.TESTER)).hasSize(1);
        world.pass(SECOND);
        assertThat(world.status(1).state()).isEqualTo(TunnelState.ENDED);
        assertThat(world.status(1).reason()).isEqualTo("the lease was for no longer than 2026-03-04T05:09:07Z");
    }

    @Test
    void whatPassedItsHardEndWhileTheServerWasDownDoesNotComeBack() {
        Tunnel tunnel = create(new LeaseTerms(
                Duration.ZERO,
                Duration.ZERO,
                Optional.of(MINUTE),
                Optional.empty(),
                Duration.ZERO,
                RenewBy.API,
                List.of()));
        world.close();
        world.clock.move(MINUTE);
        world = world.next();
        world.service.start();
        assertThat(world.service.list(World.TESTER)).isEmpty();
        assertThat(world.plane.openTunnels()).isZero();
        assertThat(world.service.findAny(World.TESTER, tunnel.id())).isPresent();
        assertThat(world.kinds(1)).containsExactly(EventKind.EXPIRED);
    }

    @Test
    void aConnectedAgentRenewsWhereThatWasAgreed() {
        create(terms(MINUTE, Duration.ZERO, Duration.ZERO, RenewBy.SESSION));
        create(terms(MINUTE, Duration.ZERO, Duration.ZERO, RenewBy.API));
        world.pass(SECOND.multipliedBy(50));
        world.agentUp(1, "box", 1);
        world.agentUp(2, "box", 1);
        assertThat(world.service.find(World.TESTER, 1).orElseThrow().lease().held())
                .isTrue();
        assertThat(world.service.find(World.TESTER, 1).orElseThrow().lease().expires())
                .isFalse();
        world.pass(MINUTE.multipliedBy(60));
        assertThat(world.service.list(World.TESTER)).extracting(Tunnel::id).containsExactly(1L);
        world.agentDown(1, "box", "gone", 0);
        Lease lease = world.service.find(World.TESTER, 1).orElseThrow().lease();
        assertThat(lease.deadline()).contains(world.clock.instant().plus(MINUTE));
        world.pass(MINUTE.minusNanos(1));
        assertThat(world.service.list(World.TESTER)).hasSize(1);
        world.pass(Duration.ofNanos(1));
        assertThat(world.service.list(World.TESTER)).isEmpty();
    }

    @Test
    void eachWarningIsToldOnceForEachDeadline() {
        create(new LeaseTerms(
                MINUTE,
                Duration.ZERO,
                Optional.empty(),
                Optional.empty(),
                Duration.ZERO,
                RenewBy.API,
                List.of(Duration.ofSeconds(20), Duration.ofSeconds(5))));
        for (int round = 0; round < 2; round++) {
            for (int second = 0; second < 59; second++) {
                world.pass(SECOND);
            }
            get(world.service.renew(TESTER, 1));
        }
        assertThat(texts(EventKind.EXPIRING))
                .containsExactly(
                        "the lease runs out in 20 s",
                        "the lease runs out in 5 s",
                        "the lease runs out in 20 s",
                        "the lease runs out in 5 s");
    }

    @Test
    void otherTermsHoldAtOnce() {
        create(terms(MINUTE, Duration.ZERO, Duration.ZERO, RenewBy.API));
        world.pass(SECOND.multipliedBy(30));
        change(terms(MINUTE.multipliedBy(2), Duration.ZERO, Duration.ZERO, RenewBy.API));
        world.pass(SECOND.multipliedBy(89));
        assertThat(world.service.list(World.TESTER)).hasSize(1);
        change(terms(MINUTE, Duration.ZERO, Duration.ZERO, RenewBy.API));
        world.nudge();
        assertThat(world.service.list(World.TESTER)).isEmpty();
    }

    private void change(LeaseTerms terms) {
        Tunnel unused = get(world.service.change(
                TESTER,
                1,
                OptionalLong.empty(),
                new TunnelPatch(
                        Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(terms), Optional.empty())));
    }

    private List<String> texts(EventKind kind) {
        try (EventLog.Subscription all = world.events.subscribe(0, event -> {})) {
            return all.missed().stream()
                    .filter(event -> event.kind() == kind)
                    .map(Event::text)
                    .toList();
        }
    }

    private int port(long id) {
        return world.service
                .find(World.TESTER, id)
                .orElseThrow()
                .exposes()
                .get(0)
                .port();
    }

    private Tunnel create(LeaseTerms terms) {
        return get(world.service.create(
                        TESTER,
                        new CreateTunnel(
                                Optional.empty(),
                                Map.of(),
                                List.of(new Expose("127.0.0.1", 22, 0)),
                                Optional.empty(),
                                "",
                                terms,
                                Policies.NONE)))
                .tunnel();
    }

    private static LeaseTerms terms(Duration ttl, Duration grace, Duration drain, RenewBy by) {
        return new LeaseTerms(ttl, grace, Optional.empty(), Optional.empty(), drain, by, List.of());
    }
}
