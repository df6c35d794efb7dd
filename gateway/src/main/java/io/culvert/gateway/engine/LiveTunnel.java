package io.culvert.gateway.engine;

import io.culvert.gateway.EndReason;
import io.culvert.gateway.ExposeSpec;
import io.culvert.gateway.GatewayEvents;
import io.culvert.gateway.LiveStatus;
import io.culvert.gateway.OpenTunnel;
import io.culvert.gateway.Target;
import io.culvert.gateway.TunnelSpec;
import io.culvert.link.net.MemoryBudget;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * An open tunnel: its ports, the {@link Sessions} that serve it and the {@link Visitors} who come. Its home loop owns the lists; bytes belong
 * to the sessions' loops and are only counted here.
 */
final class LiveTunnel {
    private final long id;
    private final EventLoop home;
    private final List<ExposeSpec> exposes;
    private final Sessions sessions;
    private final Visitors visitors;
    private final TargetWatch targets;
    private final MemoryBudget.Share memory;
    /** Of the exposes, in their order; that of a bridge port of its own stands last. */
    private final List<PublicPort> listeners = new ArrayList<>();

    private final List<Integer> ports = new ArrayList<>();
    private final CompletableFuture<OpenTunnel> opening = new CompletableFuture<>();
    private volatile CompletionStage<?> moves = CompletableFuture.completedStage(null);
    private boolean ending;

    // Of meaning once it is ending.
    private final List<CompletionStage<?>> unbound = new ArrayList<>();
    private @Nullable CompletableFuture<Void> ended;

    /**
     * A tunnel without ports yet.
     *
     * @param linger how long the last bytes of a visitor that does not read are kept, more than zero
     * @param ids gives names to its connections and sessions, each once within this process
     * @param share of its project
     * @param memory which its sessions share with those of all tunnels
     */
    LiveTunnel(
            TunnelSpec spec,
            EventLoop home,
            GatewayEvents events,
            LongSupplier ids,
            Duration linger,
            ProjectShare share,
            MemoryBudget memory) {
        this.id = spec.id();
        this.home = home;
        this.exposes = spec.exposes();
        this.sessions = new Sessions(spec.id(), home, events, ids);
        this.visitors = new Visitors(spec, home, events, ids, linger, share);
        this.targets = new TargetWatch(this, events);
        this.memory = memory.share();
    }

    long id() {
        return id;
    }

    EventLoop home() {
        return home;
    }

    /** Who comes and what they carry; any thread. */
    Visitors visitors() {
        return visitors;
    }

    /** What the tunnel was told to expose; any thread. */
    List<ExposeSpec> exposes() {
        return exposes;
    }

    /** Who serves it; any thread. */
    Sessions sessions() {
        return sessions;
    }

    /** What its sessions may hold, beside those of all other tunnels; any thread. */
    MemoryBudget.Share memory() {
        return memory;
    }

    /** Completes when every expose is bound, or fails when one could not be. Any thread. */
    CompletableFuture<OpenTunnel> opening() {
        return opening;
    }

    /** Completes when nobody binds for this tunnel any more, whatever came of it. Any thread, once it is ending. */
    CompletionStage<Void> settled() {
        return opening.handle((opened, failure) -> moves).thenCompose(moved -> moved.handle((done, failure) -> null));
    }

    /** What the tunnel carries; any thread. */
    LiveStatus status() {
        return new LiveStatus(sessions.size(), visitors.size(), visitors.tally().counts());
    }

    // ---- listeners and visitors, on the home loop
    // -----------------------------------------------------------------------------------

    /** A port was bound for the tunnel. The stage has its number, or fails, the port free again, where the tunnel was ended meanwhile. */
    CompletionStage<Integer> listen(PublicPort listener) {
        assert home.inEventLoop();
        if (ending) {
            return tooLate(listener, "closed while it was opening");
        }
        int port = listener.port();
        listeners.add(listener);
        ports.add(port);
        return CompletableFuture.completedStage(port);
    }

    private CompletionStage<Integer> tooLate(PublicPort listener, String why) {
        return listener.close()
                .thenCompose(closed ->
                        CompletableFuture.failedStage(new IllegalStateException("tunnel " + id + ": " + why)));
    }

    /**
     * Whether its exposes can be moved now; says why not by an exception.
     *
     * @throws IllegalStateException where the tunnel is opening, or ending
     * @throws IllegalArgumentException where there is no such expose
     */
    void checkMovable(int expose) {
        assert home.inEventLoop();
        if (ending || !opening.isDone() || opening.isCompletedExceptionally()) {
            throw new IllegalStateException("tunnel " + id + ": not open");
        }
        checkExpose(expose);
    }

    /** Any thread. */
    void checkExpose(int expose) {
        if (expose < 0 || expose >= exposes.size()) {
            throw new IllegalArgumentException("expose: " + expose + " (expected: 0 to " + (exposes.size() - 1) + ")");
        }
    }

    /** A move begins; the tunnel's end waits for it. */
    void moving(CompletionStage<?> move) {
        assert home.inEventLoop() && !ending;
        CompletionStage<?> before = moves;
        moves = before.handle((done, failure) -> move).thenCompose(stage -> stage.handle((done, failure) -> null));
    }

    /** Puts another port in the place of an expose's; the stage has its number once the old one is free. */
    CompletionStage<Integer> replace(int expose, PublicPort listener) {
        assert home.inEventLoop();
        if (ending) {
            return tooLate(listener, "closed while it was moved");
        }
        int port = listener.port();
        PublicPort old = listeners.set(expose, listener);
        ports.set(expose, port);
        return old.close().thenApply(closed -> port);
    }

    /** Whether the port of an expose is bound now. */
    boolean listening(int expose) {
        assert home.inEventLoop();
        return !ending && expose < listeners.size();
    }

    /** The present port of an expose. */
    int port(int expose) {
        assert home.inEventLoop();
        return ports.get(expose);
    }

    /** Every port that the tunnel was given; read when it has ended. */
    List<Integer> ports() {
        return ports;
    }

    /** A visitor came in. */
    void visit(SocketChannel channel, int expose, Target target) {
        assert home.inEventLoop();
        // Null where the visitor has left again, and nobody is turned away.
        InetSocketAddress address = channel.remoteAddress();
        AgentSession session =
                address != null && visitors.admits(Addresses.plain(address.getAddress()), Addresses.text(address))
                        ? sessions.choose()
                        : null;
        if (address == null || session == null || !visitors.takePlace(Addresses.text(address))) {
            turnAway(channel);
            return;
        }
        Visitor visitor = new Visitor(visitors, targets, session, channel, address, expose, target);
        visitors.enter(visitor);
        visitor.ride();
    }

    /** A visitor came for whom there is no room. */
    void turnAway(SocketChannel channel) {
        assert home.inEventLoop();
        visitors.tally().refused();
        Visitor.turnAway(channel);
    }

    // ---- the end
    // --------------------------------------------------------------------------------------------------------------------

    /** The first step of the end: nobody comes in any more. Repeating it changes nothing; the reason stays the first one's. On the home loop. */
    void stopListening(EndReason reason) {
        assert home.inEventLoop();
        if (ending) {
            return;
        }
        ending = true;
        sessions.close(reason);
        visitors.close();
        for (PublicPort listener : listeners) {
            unbound.add(listener.close());
        }
    }

    /**
     * The other steps: visitors, then sessions; completes when the ports are free, the sessions have been told, and nothing is counted any
     * more. Repeating it waits for the same end. On the home loop, after {@link #stopListening}.
     */
    CompletionStage<Void> end() {
        assert home.inEventLoop() && ending;
        CompletableFuture<Void> already = ended;
        if (already != null) {
            return already;
        }
        List<CompletionStage<?>> steps = new ArrayList<>(unbound);
        steps.add(visitors.cutAll());
        steps.addAll(sessions.endAll());
        CompletableFuture<Void> all = CompletableFuture.allOf(
                steps.stream().map(CompletionStage::toCompletableFuture).toArray(CompletableFuture<?>[]::new));
        ended = all;
        return all;
    }
}
