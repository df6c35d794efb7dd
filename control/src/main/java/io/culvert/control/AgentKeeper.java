package io.culvert.control;

import io.culvert.control.StateRule.Left;
import io.culvert.control.event.EventKind;
import io.culvert.gateway.Admission;
import io.culvert.gateway.Policy;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets agents in, and follows who comes and goes. Control thread only; never waits. */
final class AgentKeeper {
    private static final Logger log = LoggerFactory.getLogger(AgentKeeper.class);

    private final InstantSource wallClock;
    private final Ticker ticker;
    private final TunnelTable table;
    private final LeaseKeeper leases;
    private final StateKeeper states;
    private final QuotaRule quotas;
    private final News news;
    private final AgentNews agentNews;

    AgentKeeper(
            InstantSource wallClock,
            Ticker ticker,
            TunnelTable table,
            LeaseKeeper leases,
            StateKeeper states,
            QuotaRule quotas,
            News news,
            AgentNews agentNews) {
        this.wallClock = wallClock;
        this.ticker = ticker;
        this.table = table;
        this.leases = leases;
        this.states = states;
        this.quotas = quotas;
        this.news = news;
        this.agentNews = agentNews;
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
        String line = "agent " + agent + " up, " + sessions + " sessions";
        LivingTunnel tunnel = table.entry(id);
        if (tunnel == null) {
            logLate(id, line);
            return;
        }
        tunnel.agent = agent;
        agentNews.tell(tunnel, EventKind.AGENT_UP, "agent " + agent + " is connected", sessions(sessions), line);
        count(tunnel, sessions);
    }

    /** @param sessions those that are left */
    void down(long id, String agent, String why, int sessions) {
        String line = "agent " + agent + " down (" + why + "), " + sessions + " sessions left";
        LivingTunnel tunnel = table.entry(id);
        if (tunnel == null) {
            logLate(id, line);
            return;
        }
        tunnel.left = Optional.of(new Left(agent + " left", wallClock.instant(), why));
        agentNews.tell(
                tunnel, EventKind.AGENT_DOWN, "agent " + agent + " left (" + why + ")", sessions(sessions), line);
        count(tunnel, sessions);
    }

    void replaced(long id, String oldAgent, String newAgent) {
        String line = "agent " + newAgent + " took the place of " + oldAgent;
        LivingTunnel tunnel = table.entry(id);
        if (tunnel == null) {
            logLate(id, line);
            return;
        }
        agentNews.tell(tunnel, EventKind.TAKEOVER, line, Map.of(), line);
    }

    /** Of a tunnel that is not there any more. There is a line for each of its last agents, and nobody comes again. */
    private static void logLate(long id, String line) {
        log.info("Tunnel {}: {}", id, line);
    }

    void policyHit(long id, Policy policy, String visitor, long times) {
        LivingTunnel tunnel = table.entry(id);
        if (tunnel == null) {
            return;
        }
        long told = tunnel.hits
                .computeIfAbsent(policy, unused -> new PolicyTelling())
                .hit(ticker.nanos(), times);
        if (told > 0) {
            String text = visitor + " met with policy " + policy.name() + (told == 1 ? "" : ", " + told + " times");
            log.info("Tunnel {}: {}", id, text);
            news.tell(
                    EventKind.POLICY_HIT,
                    id,
                    text,
                    Map.of("policy", policy.name(), "visitor", visitor, "times", String.valueOf(told)));
        }
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
