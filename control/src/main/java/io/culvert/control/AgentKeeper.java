package io.culvert.control;

import io.culvert.control.StateRule.Left;
import io.culvert.control.event.EventKind;
import io.culvert.gateway.Admission;
import io.culvert.gateway.Policy;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/** Lets agents in, and follows who comes and goes. Control thread only; never waits. */
final class AgentKeeper {
    private final InstantSource wallClock;
    private final TunnelTable table;
    private final LeaseKeeper leases;
    private final StateKeeper states;
    private final QuotaRule quotas;
    private final News news;

    AgentKeeper(
            InstantSource wallClock,
            TunnelTable table,
            LeaseKeeper leases,
            StateKeeper states,
            QuotaRule quotas,
            News news) {
        this.wallClock = wallClock;
        this.table = table;
        this.leases = leases;
        this.states = states;
        this.quotas = quotas;
        this.news = news;
    }

    Admission admitCertificate(long id, SecretHash fingerprint) {
        LivingTunnel tunnel = table.entry(id);
        Instant now = wallClock.instant();
        if (tunnel == null
                || tunnel.stored()
                        .bundle()
                        .filter(bundle -> bundle.admits(fingerprint, now))
                        .isEmpty()) {
            return new Admission.Refused(false, "no living tunnel takes this certificate");
        }
        return obstacle(tunnel).orElseGet(() -> new Admission.Admitted(id));
    }

    /** Why an agent that knows its secret cannot come in all the same; empty where it can. The tunnel says so where nobody else is there. */
    Optional<Admission> obstacle(LivingTunnel tunnel) {
        if (!quotas.takesSession(tunnel.stored().project())) {
            String why = "the project has no place for another agent";
            tunnel.left = Optional.of(new Left("one was turned away", wallClock.instant(), why));
            Tunnel unused = states.settle(tunnel);
            return Optional.of(new Admission.Refused(true, why));
        }
        return tunnel.ports == LivingTunnel.Ports.UP
                ? Optional.empty()
                : Optional.of(new Admission.Refused(true, "the tunnel waits for its port, which is taken"));
    }

    /** @param sessions live ones, this one included */
    void up(long id, String agent, int sessions) {
        LivingTunnel tunnel = table.entry(id);
        if (tunnel == null) {
            return;
        }
        tunnel.agent = agent;
        news.tell(EventKind.AGENT_UP, id, "agent " + agent + " is connected", sessions(sessions));
        count(tunnel, sessions);
    }

    /** @param sessions those that are left */
    void down(long id, String agent, String why, int sessions) {
        LivingTunnel tunnel = table.entry(id);
        if (tunnel == null) {
            return;
        }
        tunnel.left = Optional.of(new Left(agent + " left", wallClock.instant(), why));
        news.tell(EventKind.AGENT_DOWN, id, "agent " + agent + " left (" + why + ")", sessions(sessions));
        count(tunnel, sessions);
    }

    void replaced(long id, String oldAgent, String newAgent) {
        if (table.entry(id) != null) {
            news.tell(EventKind.TAKEOVER, id, "agent " + newAgent + " took the place of " + oldAgent);
        }
    }

    void policyHit(long id, Policy policy, String visitor, long times) {
        LivingTunnel tunnel = table.entry(id);
        if (tunnel == null) {
            return;
        }
        news.tell(
                EventKind.POLICY_HIT,
                id,
                visitor + " met with policy " + policy.name() + (times == 1 ? "" : ", " + times + " times"),
                Map.of("policy", policy.name(), "visitor", visitor, "times", String.valueOf(times)));
        // A report may have been on its way while the volume was raised.
        if (policy == Policy.VOLUME && !tunnel.volumeUsedUp && states.usedUp(tunnel)) {
            tunnel.volumeUsedUp = true;
            Tunnel unused = states.settle(tunnel);
        }
    }

    /** @param why names the target and the error */
    void targetFailed(long id, int expose, String why) {
        LivingTunnel tunnel = table.entry(id);
        if (tunnel != null) {
            tunnel.failingTargets.put(expose, why);
            Tunnel unused = states.settle(tunnel);
        }
    }

    void targetReached(long id, int expose) {
        LivingTunnel tunnel = table.entry(id);
        if (tunnel != null) {
            tunnel.failingTargets.remove(expose);
            Tunnel unused = states.settle(tunnel);
        }
    }

    private void count(LivingTunnel tunnel, int sessions) {
        table.use().sessions(tunnel, sessions);
        leases.hold(tunnel);
        Tunnel unused = states.settle(tunnel);
    }

    private static Map<String, String> sessions(int sessions) {
        return Map.of("sessions", String.valueOf(sessions));
    }
}
