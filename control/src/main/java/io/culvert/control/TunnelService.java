package io.culvert.control;

import io.culvert.gateway.DataPlane;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Tunnels and their leases. Any thread. */
@SuppressWarnings("DoNotCallSuggester") // the bodies follow
public final class TunnelService implements AutoCloseable {
    /** Starts the control thread; nothing is restored yet. */
    public TunnelService(
            DataPlane dataPlane, TunnelStore store, InstantSource wallClock, Ticker ticker, ControlSettings settings) {
        throw new UnsupportedOperationException();
    }

    /** Restores every stored tunnel, then lets agents in. Waits until done. Called once. */
    public void start() {
        throw new UnsupportedOperationException();
    }

    /** Creates a tunnel. */
    public CompletionStage<CreatedTunnel> create(Caller caller, CreateTunnel request) {
        throw new UnsupportedOperationException();
    }

    /** Ends a tunnel. */
    public CompletionStage<Void> remove(Caller caller, long id) {
        throw new UnsupportedOperationException();
    }

    /** Renews a lease. */
    public CompletionStage<Tunnel> heartbeat(Caller caller, long id) {
        throw new UnsupportedOperationException();
    }

    /** Creates what is not there yet. */
    public CompletionStage<ImportResult> importTunnels(Caller caller, List<CreateTunnel> wanted) {
        throw new UnsupportedOperationException();
    }

    /** All living tunnels, ordered by id. */
    public List<Tunnel> list() {
        throw new UnsupportedOperationException();
    }

    /** One tunnel. */
    public Optional<Tunnel> find(long id) {
        throw new UnsupportedOperationException();
    }

    /** What it carries now. */
    public Optional<LiveTraffic> traffic(long id) {
        throw new UnsupportedOperationException();
    }

    /** Where agents connect. */
    public int bridgePort() {
        throw new UnsupportedOperationException();
    }

    /** The wall clock, for views. */
    public Instant now() {
        throw new UnsupportedOperationException();
    }

    /** Completes normally after {@link #close()}, exceptionally where the control thread ended by itself: the server cannot go on then. */
    public CompletionStage<Void> ended() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
