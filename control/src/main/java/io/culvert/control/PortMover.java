package io.culvert.control;

import io.culvert.gateway.DataPlane;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has the data plane listen at another port for a tunnel that lives, and go back. Control thread, inside a change only: it waits. */
final class PortMover {
    private static final Logger log = LoggerFactory.getLogger(PortMover.class);

    private static final int MOST_TRIES = 1_000;

    private final DataPlane dataPlane;
    private final ControlSettings settings;
    private final ControlLoop loop;
    private final TunnelTable table;
    private final PortBook ports;
    private final PortOpener opener;
    /** Tunnels whose last move was given up and has not been answered yet: where they listen is not known. */
    private final Set<Long> unanswered = new HashSet<>();

    PortMover(
            DataPlane dataPlane,
            ControlSettings settings,
            ControlLoop loop,
            TunnelTable table,
            PortBook ports,
            PortOpener opener) {
        this.dataPlane = dataPlane;
        this.settings = settings;
        this.loop = loop;
        this.table = table;
        this.ports = ports;
        this.opener = opener;
    }

    /**
     * The new port, bound in the data plane and held in the book; or throws, and the tunnel listens where it did, at once or as soon as
     * the data plane answers.
     *
     * @param wanted 0 for a free one
     */
    int bind(Caller caller, LivingTunnel tunnel, int slot, int wanted) {
        if (unanswered.contains(tunnel.id())) {
            throw silent();
        }
        Expose old = tunnel.stored().exposes().get(slot);
        PortBook.Asker asker = new PortBook.Asker(
                caller, tunnel.stored().project(), tunnel.stored().name());
        Set<HeldPort> avoid = new HashSet<>(Set.of(HeldPort.of(old)));
        int unlucky = 0;
        for (int tries = 0; ; tries++) {
            int candidate = wanted == 0 ? choose(old, asker, avoid) : wanted;
            HeldPort port = new HeldPort(old.protocol(), candidate);
            if (candidate != 0) {
                opener.refuse("port", port, asker);
                ports.hold(port, tunnel.id());
            }
            CompletionStage<Integer> moving = dataPlane.move(tunnel.id(), slot, candidate);
            try {
                HeldPort bound = new HeldPort(old.protocol(), loop.await(moving, settings.openTimeout()));
                if (candidate != 0 || opener.isFor(bound, asker, ++unlucky)) {
                    ports.hold(bound, tunnel.id());
                    return bound.number();
                }
                // Back before the next try: should that fail, the tunnel is at home.
                back(tunnel, slot);
                opener.refuseUnlucky("port", bound, unlucky);
            } catch (TimeoutException e) {
                comeBack(tunnel, slot, port, moving);
                throw silent();
            } catch (ExecutionException e) {
                ports.letGo(port, tunnel.id());
                if (table.entry(tunnel.id()) != tunnel) {
                    throw new NoSuchTunnelException(tunnel.id());
                }
                var taken = opener.taken("tunnel " + tunnel.id() + " could not be moved", e.getCause());
                if (wanted != 0 || candidate == 0 || tries >= MOST_TRIES) {
                    throw new PortTakenException(Specs.inWordsOfTheApi(taken, "port"));
                }
                avoid.add(port);
            }
        }
    }

    private static StoreUnavailableException silent() {
        return new StoreUnavailableException("the data plane does not answer; try again");
    }

    private int choose(Expose old, PortBook.Asker asker, Set<HeldPort> avoid) {
        PortPool pool =
                ports.pool(old.pool()).or(() -> ports.pool(Optional.empty())).orElseThrow();
        int port = ports.pick(pool, old.protocol(), asker, avoid)
                .orElseThrow(() -> new PortTakenException("port: no port of " + pool + " is free"));
        ports.tried(pool, new HeldPort(old.protocol(), port));
        return port;
    }

    /** Moves a tunnel back to where the store has it. */
    void back(LivingTunnel tunnel, int slot) {
        int port = tunnel.stored().exposes().get(slot).port();
        try {
            int unused = loop.await(dataPlane.move(tunnel.id(), slot, port), settings.openTimeout());
        } catch (TimeoutException | ExecutionException e) {
            logLost(tunnel, port, e);
        }
    }

    /**
     * A move that nobody waits for any more is taken back where it is made all the same. Until it is answered the port stays in the book, or
     * others would be given it, and the tunnel is not moved again, or that would be taken back instead.
     *
     * @param port that was asked for; of number 0 for any
     */
    private void comeBack(LivingTunnel tunnel, int slot, HeldPort port, CompletionStage<Integer> moving) {
        unanswered.add(tunnel.id());
        moving.whenComplete((late, failure) -> loop.report(() -> {
            if (failure != null || table.entry(tunnel.id()) != tunnel) {
                answered(tunnel, port);
                return;
            }
            int home = tunnel.stored().exposes().get(slot).port();
            dataPlane
                    .move(tunnel.id(), slot, home)
                    .whenComplete((there, lost) -> loop.report(() -> {
                        if (lost != null && table.entry(tunnel.id()) == tunnel) {
                            logLost(tunnel, home, lost);
                        }
                        answered(tunnel, port);
                    }));
        }));
    }

    private void answered(LivingTunnel tunnel, HeldPort port) {
        unanswered.remove(tunnel.id());
        ports.letGo(port, tunnel.id());
    }

    private static void logLost(LivingTunnel tunnel, int port, Throwable why) {
        log.error(
                "Tunnel {} could not go back to port {}: it is where the store does not know it",
                tunnel.id(),
                port,
                why);
    }
}
