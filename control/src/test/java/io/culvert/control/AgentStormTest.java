package io.culvert.control;

import static io.culvert.control.World.MINUTE;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.control.event.Event;
import io.culvert.control.event.EventKind;
import io.culvert.control.event.EventLog;
import io.culvert.gateway.GatewayEvents;
import io.culvert.gateway.Policy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Agents that come and go without an end, and what is told of it. */
class AgentStormTest {
    private static final Duration ALL = Telling.EACH.multipliedBy(Telling.AT_ONCE);

    @TempDir
    Path data;

    private World world;

    @BeforeEach
    void open() {
        world = new World(data);
        world.create(Duration.ZERO, 0);
        world.create(Duration.ZERO, 0);
    }

    @AfterEach
    void close() {
        world.close();
    }

    @Test
    void aStormIsToldUpToARateAndAnotherTunnelInFull() {
        storm(2_000);
        assertThat(told(1)).hasSize(Telling.AT_ONCE);
        world.agentUp(2, "neighbour", 1);
        assertThat(told(2)).extracting(Event::text).containsExactly("agent neighbour is connected");
        for (int second = 0; second < 60; second++) {
            world.clock.move(Duration.ofSeconds(1));
            storm(20);
        }
        assertThat(told(1)).hasSize(Telling.AT_ONCE + 20);
        assertThat(events(1)).as("with its ups and downs").hasSizeLessThan(2 * (Telling.AT_ONCE + 20) + 2);
    }

    /** Anybody can knock where they are blocked, once a second and for ever. */
    @Test
    void policiesThatAreMetWithForHoursAreToldWithPausesThatGrow() {
        int seconds = 6 * 3_600;
        for (int second = 0; second < seconds; second++) {
            hit(Policy.ADDRESS);
            world.clock.move(Duration.ofSeconds(1));
        }
        List<Event> told = hits();
        assertThat(told).hasSizeBetween(10, 20);
        assertThat(told.get(0).text()).isEqualTo("203.0.113.9 met with policy ADDRESS");
        assertThat(told.get(1).text()).isEqualTo("203.0.113.9 met with policy ADDRESS, 10 times");
        long sum = told.stream()
                .mapToLong(one -> Long.parseLong(one.details().getOrDefault("times", "")))
                .sum();
        assertThat(sum)
                .as("none is lost but what came behind the last")
                .isBetween(seconds - PolicyTelling.LONGEST.toSeconds(), (long) seconds);
        hit(Policy.CONNECTIONS);
        assertThat(last(hits()).details()).as("another policy, at once").containsEntry("policy", "CONNECTIONS");
        world.clock.move(PolicyTelling.LONGEST);
        hit(Policy.ADDRESS);
        world.clock.move(PolicyTelling.FIRST);
        hit(Policy.ADDRESS);
        assertThat(hits()).as("begun anew").hasSize(told.size() + 3);
        assertThat(last(hits()).text()).isEqualTo("203.0.113.9 met with policy ADDRESS");
    }

    private void hit(Policy policy) {
        Objects.requireNonNull(world.plane.events).policyHit(1, policy, "203.0.113.9", 1);
        // Waits in the same lane, so the report has been heard when this is answered.
        World.get(Objects.requireNonNull(world.plane.door).admit(99, new byte[32]));
    }

    private List<Event> hits() {
        return events(1).stream()
                .filter(event -> event.kind() == EventKind.POLICY_HIT)
                .toList();
    }

    @Test
    void theLastOneIsToldWhenThereIsPlaceWithHowManyWereLeftOut() {
        storm(200);
        world.pass(Telling.EACH.minusMillis(1));
        assertThat(told(1)).hasSize(Telling.AT_ONCE);
        world.pass(Duration.ofMillis(1));
        assertThat(told(1)).hasSize(Telling.AT_ONCE + 1);
        assertThat(last(told(1)).kind()).isEqualTo(EventKind.AGENT_DOWN);
        assertThat(last(told(1)).text())
                .isEqualTo("agent box left (reset); " + (400 - Telling.AT_ONCE - 1) + " more came or went meanwhile");
        world.pass(ALL);
        assertThat(told(1)).as("nothing is owed any more").hasSize(Telling.AT_ONCE + 1);
    }

    @Test
    void oneThatComesWhenThereIsPlaceSaysHowManyWereLeftOut() {
        storm(100);
        world.clock.move(Telling.EACH);
        Objects.requireNonNull(world.plane.events).agentUp(1, "other", 1);
        world.nudge();
        assertThat(last(told(1)).text())
                .isEqualTo("agent other is connected; " + (200 - Telling.AT_ONCE) + " more came or went meanwhile");
        assertThat(told(1)).hasSize(Telling.AT_ONCE + 1);
    }

    @Test
    void stateAndTransitionsAreExactAndTheStateIsToldInTheEnd() {
        storm(100);
        assertThat(world.status(1).state()).isEqualTo(TunnelState.WAITING);
        Objects.requireNonNull(world.plane.events).agentUp(1, "box", 1);
        world.nudge();
        assertThat(world.status(1))
                .isEqualTo(new Transition(TunnelState.UP, "agent box is connected", HandClock.START));
        assertThat(world.service.find(World.TESTER, 1).orElseThrow().transitions())
                .hasSize(20)
                .last()
                .extracting(Transition::state)
                .isEqualTo(TunnelState.UP);
        assertThat(last(events(1)).kind()).as("as far as it was told").isNotEqualTo(EventKind.UP);
        world.pass(Telling.EACH);
        assertThat(last(events(1)).kind()).isEqualTo(EventKind.UP);
        assertThat(alternating(1)).isTrue();
    }

    @Test
    void tenSessionsThatComeLeaveAndComeAgainAreToldInFull() {
        GatewayEvents plane = Objects.requireNonNull(world.plane.events);
        for (int round = 0; round < 3; round++) {
            for (int i = 1; i <= 10; i++) {
                plane.agentUp(1, "box", i);
            }
            for (int i = 9; i >= 0; i--) {
                plane.agentDown(1, "box", "reset", i);
            }
            world.pass(MINUTE);
        }
        assertThat(told(1)).hasSize(60).noneMatch(event -> event.text().contains("meanwhile"));
    }

    @Test
    void nobodyHidesATakeoverByComingAndGoing() {
        storm(200);
        Objects.requireNonNull(world.plane.events).agentReplaced(1, "box", "thief");
        storm(200);
        assertThat(told(1)).hasSize(Telling.AT_ONCE);
        assertThat(events(1))
                .filteredOn(event -> event.kind() == EventKind.TAKEOVER)
                .extracting(Event::text)
                .containsExactly("agent thief took the place of box");
    }

    @Test
    void whatIsOwedIsToldBeforeTheEnd() {
        storm(100);
        world.service.close();
        assertThat(last(told(1)).text()).contains(" more came or went meanwhile");
    }

    @Test
    void aTunnelThatHasEndedOwesNothing() {
        storm(100);
        World.get(world.service.remove(World.TESTER, 1));
        world.pass(ALL);
        assertThat(last(events(1)).kind()).isEqualTo(EventKind.REMOVED);
    }

    /** An agent comes and leaves so many times. */
    private void storm(int times) {
        GatewayEvents plane = Objects.requireNonNull(world.plane.events);
        for (int i = 0; i < times; i++) {
            plane.agentUp(1, "box", 1);
            plane.agentDown(1, "box", "reset", 0);
        }
        world.nudge();
    }

    private List<Event> events(long tunnel) {
        try (EventLog.Subscription all = world.events.subscribe(0, event -> {})) {
            return all.missed().stream()
                    .filter(event -> event.tunnel().orElse(-1) == tunnel)
                    .toList();
        }
    }

    private List<Event> told(long tunnel) {
        return events(tunnel).stream()
                .filter(event -> event.kind() == EventKind.AGENT_UP || event.kind() == EventKind.AGENT_DOWN)
                .toList();
    }

    /** Whether up and down were told in turns. */
    private boolean alternating(long tunnel) {
        List<EventKind> states = events(tunnel).stream()
                .map(Event::kind)
                .filter(kind -> kind == EventKind.UP || kind == EventKind.DOWN)
                .toList();
        return Collections.indexOfSubList(states, List.of(EventKind.UP, EventKind.UP)) < 0
                && Collections.indexOfSubList(states, List.of(EventKind.DOWN, EventKind.DOWN)) < 0;
    }

    private static Event last(List<Event> events) {
        return events.get(events.size() - 1);
    }
}
