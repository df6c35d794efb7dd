package io.culvert.control;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/**
 * Ports of tunnels that have ended but are not free yet. Whoever asks for one of them in that moment waits instead of being told that
 * nobody holds it and it is not to be had. Control thread only.
 */
final class ClosingPorts {
    private final ControlLoop loop;
    private final Map<HeldPort, CompletionStage<?>> closing = new HashMap<>();

    ClosingPorts(ControlLoop loop) {
        this.loop = loop;
    }

    /** Notes that these ports are free when {@code closed} completes, one way or the other. */
    void add(List<HeldPort> ports, CompletionStage<?> closed) {
        assert loop.inLoop();
        ports.forEach(port -> closing.put(port, closed));
        closed.whenComplete((done, failure) -> loop.report(() -> ports.forEach(port -> closing.remove(port, closed))));
    }

    /** Waits until the port is free, or as long as the bound says: the data plane is the judge afterwards. */
    void awaitFree(HeldPort port, Duration bound) {
        CompletionStage<?> closed = closing.get(port);
        if (closed == null) {
            return;
        }
        try {
            Object unused = loop.await(closed, bound);
        } catch (TimeoutException | ExecutionException e) {
            // The port is asked for all the same; what is wrong with it shows then.
            closing.remove(port, closed);
        }
    }
}
