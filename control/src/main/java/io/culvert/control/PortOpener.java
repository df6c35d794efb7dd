package io.culvert.control;

import io.culvert.gateway.DataPlane;
import io.culvert.gateway.EndReason;
import io.culvert.gateway.NoSocketException;
import io.culvert.gateway.OpenTunnel;
import io.culvert.gateway.PortUnavailableException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds ports for tunnels and has them bound: the {@link PortBook} says which to try, the data plane whether they are to be had.
 * {@link #begin} does not wait, {@link #finish} does. Control thread only.
 */
final class PortOpener {
    private static final Logger log = LoggerFactory.getLogger(PortOpener.class);

    /** How often the system may pick a port that is somebody's, before one that only rests is taken. */
    private static final int UNLUCKY = 8;

    /** What is said of a tunnel's own bridge port that somebody else has. */
    private static final String BRIDGE = "bridge";

    private final DataPlane dataPlane;
    private final Ticker ticker;
    private final ControlSettings settings;
    private final ControlLoop loop;
    private final PortBook ports;
    private final ClosingPorts closing;
    /** Told that the system gave no socket, and none opened since. */
    private boolean complained;

    PortOpener(
            DataPlane dataPlane,
            Ticker ticker,
            ControlSettings settings,
            ControlLoop loop,
            PortBook ports,
            ClosingPorts closing) {
        this.dataPlane = dataPlane;
        this.ticker = ticker;
        this.settings = settings;
        this.loop = loop;
        this.ports = ports;
        this.closing = closing;
    }

    /** Refuses a request for ports that others have; changes nothing. */
    void refuse(CreateTunnel request, PortBook.Asker asker) {
        String field = CreateRules.portField(request);
        for (int i = 0; i < request.exposes().size(); i++) {
            Expose expose = request.exposes().get(i);
            PortPool pool = pool(CreateRules.expose(i), expose.pool());
            if (expose.port() == 0) {
                boolean none =
                        ports.pick(pool, expose.protocol(), asker, Set.of()).isEmpty();
                if (none) {
                    throw noneFree(field, pool);
                }
            } else {
                refuse(field, HeldPort.of(expose), asker);
            }
        }
        request.bridge()
                .filter(bridge -> bridge.port() != 0)
                .ifPresent(bridge -> refuse(BRIDGE, HeldPort.of(bridge), asker));
    }

    void refuse(String field, HeldPort port, PortBook.Asker asker) {
        ports.refusal(port, asker).ifPresent(why -> {
            throw new PortTakenException(field + ": " + why);
        });
    }

    /** Waits for ports that were asked for by number and whose last tunnels are just closing. */
    void awaitFree(CreateTunnel request) {
        request.exposes().forEach(expose -> closing.awaitFree(HeldPort.of(expose), settings.openTimeout()));
        request.bridge().ifPresent(bridge -> closing.awaitFree(HeldPort.of(bridge), settings.openTimeout()));
    }

    /** Chooses ports and asks the data plane for them; what it says is looked at by {@link #finish}. */
    void begin(Opening opening) {
        CreateTunnel request = opening.request;
        String field = CreateRules.portField(request);
        List<Expose> exposes = new ArrayList<>();
        for (Expose expose : request.exposes()) {
            HeldPort port = HeldPort.of(expose);
            if (expose.port() == 0) {
                port = new HeldPort(
                        expose.protocol(),
                        choose(
                                opening,
                                field,
                                pool(CreateRules.expose(exposes.size()), expose.pool()),
                                expose.protocol()));
            } else {
                refuseUnlessHeld(opening, field, port);
            }
            hold(opening, port);
            exposes.add(expose.on(port.number()));
        }
        opening.bridge = request.bridge().map(bridge -> {
            HeldPort port = HeldPort.of(bridge);
            if (bridge.port() == 0) {
                port = new HeldPort(
                        Protocol.TCP,
                        choose(opening, BRIDGE, pool(CreateRules.BRIDGE, Optional.empty()), Protocol.TCP));
            } else {
                refuseUnlessHeld(opening, BRIDGE, port);
            }
            hold(opening, port);
            return bridge.on(port.number());
        });
        opening.exposes = exposes;
        try {
            opening.stage = dataPlane.open(Specs.of(opening));
        } catch (RuntimeException e) {
            opening.stage = CompletableFuture.failedStage(e);
        }
    }

    /** Two requests of one batch may name the same port. */
    private void refuseUnlessHeld(Opening opening, String field, HeldPort port) {
        if (!opening.held.contains(port)) {
            refuse(field, port, opening.asker);
        }
    }

    private int choose(Opening opening, String field, PortPool pool, Protocol protocol) {
        int port = ports.pick(pool, protocol, opening.asker, opening.avoid).orElseThrow(() -> noneFree(field, pool));
        ports.tried(pool, new HeldPort(protocol, port));
        return port;
    }

    /** Waits for the data plane, and tries other ports where those of this server's choice are not to be had. */
    OpenTunnel finish(Opening opening) {
        long end = ticker.nanos() + settings.openTimeout().toNanos();
        while (true) {
            String field = CreateRules.portField(opening.request);
            try {
                OpenTunnel open = loop.await(opening.stage, settings.openTimeout());
                if (isOurs(opening, open)) {
                    complained = false;
                    return open;
                }
                awaitClosed(opening.id, dataPlane.close(opening.id, EndReason.REMOVED));
            } catch (TimeoutException e) {
                CompletionStage<?> unused =
                        opening.stage.thenCompose(late -> dataPlane.close(opening.id, EndReason.REMOVED));
                log.error("Tunnel {} could not be opened: the data plane does not answer", opening.id, e);
                throw new StoreUnavailableException("the data plane does not answer; nothing was changed, try again");
            } catch (ExecutionException e) {
                PortUnavailableException taken = taken("tunnel " + opening.id + " could not be opened", e.getCause());
                List<HeldPort> others = taken.port() == 0 ? List.of() : opening.picked(taken.port());
                if (others.isEmpty() || end - ticker.nanos() <= 0) {
                    throw new PortTakenException(Specs.inWordsOfTheApi(taken, field));
                }
                for (HeldPort port : others) {
                    ports.reservation(port).ifPresent(kept -> {
                        throw new PortTakenException(Specs.inWordsOfTheApi(taken, field) + "; it is reserved for '"
                                + kept.name() + "', so no other takes its place");
                    });
                }
                opening.avoid.addAll(others);
            }
            letGo(opening);
            begin(opening);
        }
    }

    /** The port that is not to be had; throws where that is not why. */
    PortUnavailableException taken(String what, @Nullable Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (cause instanceof PortUnavailableException taken) {
            return taken;
        }
        if (cause instanceof NoSocketException none) {
            if (!complained) {
                complained = true;
                log.warn("{}: {}; told once until a port is opened again", what, none.getMessage());
            }
            throw new StoreUnavailableException(
                    none.getMessage() + "; nothing was changed (expected: room below the limit of open files)");
        }
        throw new IllegalStateException(what, cause);
    }

    /** Where the system picked: the data plane knows only bound ports, and may give away one that a restored tunnel waits to have back. */
    private boolean isOurs(Opening opening, OpenTunnel open) {
        String field = CreateRules.portField(opening.request);
        List<HeldPort> given = new ArrayList<>();
        for (int i = 0; i < opening.exposes.size(); i++) {
            if (opening.exposes.get(i).port() == 0) {
                given.add(new HeldPort(
                        opening.exposes.get(i).protocol(), open.ports().get(i)));
            }
        }
        if (opening.bridge.filter(bridge -> bridge.port() == 0).isPresent()) {
            given.add(new HeldPort(Protocol.TCP, open.bridgePort()));
        }
        opening.unlucky++;
        for (HeldPort port : given) {
            if (!isFor(port, opening.asker, opening.unlucky)) {
                if (opening.unlucky >= UNLUCKY) {
                    awaitClosed(opening.id, dataPlane.close(opening.id, EndReason.REMOVED));
                }
                refuseUnlucky(field, port, opening.unlucky);
                return false;
            }
        }
        given.forEach(port -> hold(opening, port));
        return true;
    }

    /**
     * Whether this asker can have a port that the system picked.
     *
     * @param unlucky how often the system has picked for it, this time included
     */
    boolean isFor(HeldPort port, PortBook.Asker asker, int unlucky) {
        return !ports.isTaken(port, asker) && (unlucky >= UNLUCKY || !ports.rests(port, asker));
    }

    /** Gives up where the system has picked ports that are somebody's so often; else it may pick again. */
    void refuseUnlucky(String field, HeldPort port, int unlucky) {
        if (unlucky >= UNLUCKY) {
            throw new PortTakenException(field + ": the system gives ports that others wait to have back, such as "
                    + port.number() + "; try again");
        }
    }

    private void hold(Opening opening, HeldPort port) {
        if (port.number() != 0) {
            ports.hold(port, opening.id);
            opening.held.add(port);
        }
    }

    /** Gives back the ports that are held for a tunnel which does not come to be. */
    void letGo(Opening opening) {
        opening.held.forEach(port -> ports.letGo(port, opening.id));
        opening.held.clear();
    }

    /** Waits, not for ever, until a tunnel's ports are free. */
    void awaitClosed(long id, CompletionStage<?> closed) {
        try {
            Object unused = loop.await(closed, settings.openTimeout());
        } catch (TimeoutException | ExecutionException e) {
            log.error("Tunnel {} was ended, but its ports may not be free yet", id, e);
        }
    }

    /** @param holder of the field that names the pool */
    private PortPool pool(FieldPath holder, Optional<String> name) {
        return ports.pool(name)
                .orElseThrow(
                        () -> new InvalidRequestException(holder.then("pool"), name.orElse(""), ports.poolNames()));
    }

    private static PortTakenException noneFree(String field, PortPool pool) {
        return new PortTakenException(field + ": no port of " + pool + " is free");
    }
}
