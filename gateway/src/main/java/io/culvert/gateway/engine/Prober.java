package io.culvert.gateway.engine;

import io.culvert.gateway.ProbeStep;
import io.culvert.gateway.ProbeStep.Outcome;
import io.culvert.gateway.ProbeStep.Place;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Walks a visitor's way through a tunnel, from the port to the target, and says of each step how it went. On the tunnel's home loop. */
final class Prober {
    private Prober() {}

    /** The walk where the tunnel is not open. */
    static List<ProbeStep> notOpen() {
        return List.of(failed(Place.LISTENER, "the tunnel is not open"), skipped(Place.SESSION), skipped(Place.TARGET));
    }

    static CompletionStage<List<ProbeStep>> probe(LiveTunnel tunnel, int expose) {
        String closed = closed(tunnel, expose);
        if (closed != null) {
            return CompletableFuture.completedStage(
                    List.of(failed(Place.LISTENER, closed), skipped(Place.SESSION), skipped(Place.TARGET)));
        }
        ProbeStep listener = new ProbeStep(Place.LISTENER, Outcome.OK, "ok", Duration.ZERO);
        AgentSession session = tunnel.sessions().choose();
        if (session == null) {
            return CompletableFuture.completedStage(
                    List.of(listener, failed(Place.SESSION, "no agent is connected"), skipped(Place.TARGET)));
        }
        long began = tunnel.home().ticker().nanoTime();
        return CompletableFuture.supplyAsync(
                        () -> {
                            // What a visitor's way to its session takes: one loop's turn.
                            ProbeStep chosen = new ProbeStep(
                                    Place.SESSION,
                                    Outcome.OK,
                                    session.describe(),
                                    Duration.ofNanos(
                                            Math.max(0, tunnel.home().ticker().nanoTime() - began)));
                            return session.probe(tunnel.exposes().get(expose))
                                    .thenApply(target -> List.of(listener, chosen, target));
                        },
                        session.loop())
                .thenCompose(steps -> steps);
    }

    /** Why no visitor would be let in; null where one would. */
    private static @Nullable String closed(LiveTunnel tunnel, int expose) {
        if (!tunnel.listening(expose)) {
            return "the port is not bound";
        }
        if (tunnel.visitors().paused()) {
            return "paused: no visitors are let in";
        }
        if (tunnel.visitors().share().spent()) {
            return "the project has carried all that it may this month";
        }
        return tunnel.visitors().volumeSpent()
                ? "the volume of " + tunnel.visitors().rules().policies().volume() + " bytes is spent"
                : null;
    }

    private static ProbeStep failed(Place place, String text) {
        return new ProbeStep(place, Outcome.FAILED, text, Duration.ZERO);
    }

    private static ProbeStep skipped(Place place) {
        return new ProbeStep(place, Outcome.SKIPPED, "not tried", Duration.ZERO);
    }
}
