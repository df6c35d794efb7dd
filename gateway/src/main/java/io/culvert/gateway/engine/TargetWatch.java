package io.culvert.gateway.engine;

import io.culvert.gateway.GatewayEvents;
import io.culvert.gateway.ProbeStep;
import io.culvert.gateway.ProbeStep.Outcome;
import io.culvert.gateway.Target;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Whether the targets of one tunnel's TCP exposes can be reached. A visitor who was broken off without a byte from the target raises a doubt;
 * the agent that carried it is then asked by a probe, and only what the probe says is told. Lives on the tunnel's home loop, except where a
 * method says otherwise.
 *
 * <pre>
 *   good -- doubt --> asking -- failed --> bad, told    -- {@link #REST} --> asking
 *                            -- else   --> good, told where it was bad; doubts of the rest are looked at behind it
 * </pre>
 *
 * So a thousand visitors who fail cost one probe in {@link #REST} for each expose, and what does not change is told once.
 */
final class TargetWatch {
    /** Between two probes of an expose: soon enough for people who look at the state, seldom enough for the target. */
    private static final Duration REST = Duration.ofSeconds(2);

    private final LiveTunnel tunnel;
    private final GatewayEvents events;
    private final Map<Integer, Watched> watched = new HashMap<>();

    TargetWatch(LiveTunnel tunnel, GatewayEvents events) {
        this.tunnel = tunnel;
        this.events = events;
    }

    /**
     * A visitor of an expose was broken off without a byte from the target. Any thread.
     *
     * @param by who carried it
     */
    void doubt(int expose, AgentSession by) {
        tunnel.home().execute(() -> {
            Watched now = watched.computeIfAbsent(expose, Watched::new);
            now.doubtful = by;
            now.look();
        });
    }

    private final class Watched {
        private final int expose;
        /** Who has failed a visitor since the last probe; asked again and again while it fails. */
        private @Nullable AgentSession doubtful;
        /** What was told last; empty where all is well. */
        private String told = "";
        /** A probe is under way, or the rest behind one. */
        private boolean busy;

        Watched(int expose) {
            this.expose = expose;
        }

        void look() {
            AgentSession session = doubtful;
            if (busy || session == null || !tunnel.listening(expose)) {
                return;
            }
            busy = true;
            if (tunnel.visitors().paused()) {
                // Nobody is let in, so nobody dials: what was last known stands until the resume.
                rest();
                return;
            }
            AgentSession asked =
                    session.channel().isActive() ? session : tunnel.sessions().choose();
            doubtful = null;
            if (asked == null) {
                heard("");
                return;
            }
            CompletableFuture.supplyAsync(() -> asked.probe(tunnel.exposes().get(expose)), asked.loop())
                    .thenCompose(step -> step)
                    .whenCompleteAsync(
                            (step, failure) -> {
                                if (failure == null) {
                                    answered(asked, step);
                                } else {
                                    heard("");
                                }
                            },
                            tunnel.home());
        }

        private void answered(AgentSession asked, ProbeStep step) {
            // An agent that left in the middle says nothing about its target.
            boolean failed = step.outcome() == Outcome.FAILED && asked.channel().isActive();
            if (failed) {
                doubtful = asked;
            }
            heard(failed ? words(step.text()) : "");
        }

        private void heard(String failure) {
            if (!failure.equals(told) && tunnel.listening(expose)) {
                told = failure;
                if (failure.isEmpty()) {
                    events.targetReached(tunnel.id(), expose);
                } else {
                    events.targetFailed(tunnel.id(), expose, failure);
                }
            }
            rest();
        }

        private void rest() {
            tunnel.home()
                    .schedule(
                            () -> {
                                busy = false;
                                look();
                            },
                            REST.toNanos(),
                            TimeUnit.NANOSECONDS);
        }

        private String words(String text) {
            Target target = tunnel.exposes().get(expose).target();
            return "target " + target + ": " + (text.equals("refused " + target) ? "connection refused" : text);
        }
    }
}
