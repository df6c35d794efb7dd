package io.culvert.gateway.engine;

import io.culvert.gateway.EndReason;
import io.culvert.gateway.ExposeSpec;
import io.culvert.gateway.GatewayEvents;
import io.culvert.gateway.LiveSession;
import io.culvert.gateway.LiveStatus;
import io.culvert.gateway.OpenTunnel;
import io.culvert.gateway.Target;
import io.culvert.gateway.TunnelSpec;
import io.culvert.link.agent.Farewell;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * An open tunnel: its listeners and the sessions that serve it. Its home loop owns both lists; visitors and bytes belong to the sessions'
 * loops and are only counted here.
 */
final class LiveTunnel {
    static final String REVOKED = "its certificate was revoked";
    static final String TOKEN_REVOKED = "its token was revoked";

    private final long id;
    private final EventLoop home;
    private final GatewayEvents events;
    private final List<ExposeSpec> exposes;
    private final LongSupplier ids;
    private final Visitors visitors;
    /** Of the exposes, in their order; that of a bridge port of its own stands last. */
    private final List<PublicPort> listeners = new ArrayList<>();

    private final List<Integer> ports = new ArrayList<>();
    private final List<AgentSession> sessions = new ArrayList<>();
    private final List<PairedServer> servers = new ArrayList<>();
    private final CompletableFuture<OpenTunnel> opening = new CompletableFuture<>();
    private volatile CompletionStage<?> moves = CompletableFuture.completedStage(null);
    private long lastEpoch;
    private int turn;
    private volatile int sessionCount;
    private boolean ending;
    private final AtomicInteger revocations = new AtomicInteger();
    private final AtomicInteger tokenRevocations = new AtomicInteger();

    // Of meaning once it is ending.
    private EndReason endReason = EndReason.SHUTDOWN;
    private final List<CompletionStage<?>> unbound = new ArrayList<>();
    private @Nullable CompletableFuture<Void> ended;

    /**
     * A tunnel without ports yet.
     *
     * @param ids gives names to its connections and sessions, each once within this process
     */
    LiveTunnel(TunnelSpec spec, EventLoop home, GatewayEvents events, LongSupplier ids) {
        this.id = spec.id();
        this.home = home;
        this.events = events;
        this.exposes = spec.exposes();
        this.ids = ids;
        this.visitors = new Visitors(spec, home, events, ids);
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

    /** A name for a session; any thread. */
    long nextId() {
        return ids.getAsLong();
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
        return new LiveStatus(sessionCount, visitors.size(), visitors.tally().counts());
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
                        ? choose()
                        : null;
        if (address == null || session == null) {
            visitors.tally().refused();
            Visitor.turnAway(channel);
            return;
        }
        Visitor visitor = new Visitor(visitors, session, channel, address, expose, target);
        visitors.enter(visitor);
        visitor.ride();
    }

    /** The session with the fewest visitors; among equals they take turns. Null where none is connected. */
    @Nullable
    AgentSession choose() {
        assert home.inEventLoop();
        if (ending) {
            return null;
        }
        AgentSession best = null;
        int least = Integer.MAX_VALUE;
        turn++;
        for (int i = 0; i < sessions.size(); i++) {
            AgentSession session = sessions.get(Math.floorMod(turn + i, sessions.size()));
            int load = session.load().get();
            if (load < least) {
                best = session;
                least = load;
            }
        }
        return best;
    }

    // ---- sessions, on the home loop
    // -------------------------------------------------------------------------------------------------

    /** The epoch for a session that is about to come in; 0 where the tunnel is ending. */
    long nextEpoch() {
        assert home.inEventLoop();
        return ending ? 0 : ++lastEpoch;
    }

    /** True where an agent other than this one serves the tunnel. */
    boolean servedByOther(byte[] instance) {
        assert home.inEventLoop();
        return sessions.stream().anyMatch(session -> !(session instanceof OwnSession own) || !own.isOf(instance));
    }

    /**
     * A session comes in. Where it cannot stay beside another, the smaller epoch leaves: so the newer wins in whichever order the two
     * get here, and an old session's late goodbye removes only itself.
     */
    void enter(AgentSession session) {
        assert home.inEventLoop();
        if (ending) {
            session.end(farewell(), "the tunnel ended");
            return;
        }
        List<AgentSession> excluded =
                sessions.stream().filter(session::excludes).toList();
        if (excluded.stream().anyMatch(other -> other.epoch() > session.epoch())) {
            session.end(Farewell.REPLACED, "a newer session took its place");
            return;
        }
        excluded.stream()
                .filter(other -> !session.sameAgent(other))
                .findFirst()
                .ifPresent(other -> events.agentReplaced(id, other.agent(), session.agent()));
        for (AgentSession other : excluded) {
            other.end(Farewell.REPLACED, "a newer session took its place");
            sessions.remove(other);
            events.agentDown(id, other.agent(), "a newer session took its place", sessions.size());
        }
        sessions.add(session);
        sessionCount = sessions.size();
        events.agentUp(id, session.agent(), sessions.size());
    }

    /** A session is over. Any thread. */
    void left(AgentSession session, String why) {
        home.execute(() -> {
            if (sessions.remove(session)) {
                sessionCount = sessions.size();
                events.agentDown(id, session.agent(), why, sessions.size());
            }
        });
    }

    /** Sessions as they are now, oldest first. */
    List<LiveSession> liveSessions() {
        assert home.inEventLoop();
        return sessions.stream()
                .sorted(Comparator.comparingLong(AgentSession::id))
                .map(AgentSession::live)
                .toList();
    }

    /** Ends one session, whose agent may come back; false where there is no such. */
    boolean kick(long sessionId) {
        assert home.inEventLoop();
        return endSessions(session -> session.id() == sessionId, Farewell.NORMAL, "somebody kicked it");
    }

    private boolean endSessions(Predicate<AgentSession> which, Farewell farewell, String why) {
        List<AgentSession> leaving = sessions.stream().filter(which).toList();
        leaving.forEach(session -> session.end(farewell, why));
        return !leaving.isEmpty();
    }

    /** The least loaded session of a stock client with this key that lives on the home loop; null where there is none. */
    @Nullable
    GoproxySession clientWithKey(String key) {
        assert home.inEventLoop();
        return sessions.stream()
                .filter(GoproxySession.class::isInstance)
                .map(GoproxySession.class::cast)
                .filter(session -> session.key().equals(key) && session.loop() == home)
                .min(Comparator.comparingInt(session -> session.load().get()))
                .orElse(null);
    }

    /**
     * How often certificates were revoked; any thread. Who was asked about before one of these and comes in after it must not stay: the
     * answer was overtaken.
     */
    int revocations() {
        return revocations.get();
    }

    /** Likewise of join tokens. */
    int tokenRevocations() {
        return tokenRevocations.get();
    }

    /** Cuts the sessions that came in by a certificate. */
    void revoke() {
        assert home.inEventLoop();
        revocations.incrementAndGet();
        for (PairedServer server : List.copyOf(servers)) {
            if (server.byCertificate()) {
                server.end(REVOKED);
            }
        }
        endSessions(AgentSession::byCertificate, Farewell.REMOVED, REVOKED);
    }

    /** Cuts the sessions that came in by a join token. They are not told that it is the end: at the door they hear what it is. */
    void revokeTokens() {
        assert home.inEventLoop();
        tokenRevocations.incrementAndGet();
        endSessions(OwnSession.class::isInstance, Farewell.NORMAL, TOKEN_REVOKED);
    }

    /** A stock server was let in. */
    void pair(PairedServer server) {
        assert home.inEventLoop();
        if (ending) {
            server.end("the tunnel ended");
        } else {
            servers.add(server);
        }
    }

    /** A stock server is gone; on the home loop, which is its own. */
    void unpair(PairedServer server) {
        assert home.inEventLoop();
        servers.remove(server);
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
        endReason = reason;
        visitors.close();
        for (PublicPort listener : listeners) {
            unbound.add(listener.close());
        }
    }

    /**
     * The other steps: visitors, then sessions; completes when the ports are free and the sessions have been told. Repeating it waits for
     * the same end. On the home loop, after {@link #stopListening}.
     */
    CompletionStage<Void> end() {
        assert home.inEventLoop() && ending;
        CompletableFuture<Void> already = ended;
        if (already != null) {
            return already;
        }
        List<CompletionStage<?>> steps = new ArrayList<>(unbound);
        visitors.cutAll();
        for (PairedServer server : List.copyOf(servers)) {
            server.end("the tunnel ended: " + endReason);
        }
        for (AgentSession session : sessions) {
            steps.add(session.end(farewell(), "the tunnel ended: " + endReason));
        }
        CompletableFuture<Void> all = CompletableFuture.allOf(
                steps.stream().map(CompletionStage::toCompletableFuture).toArray(CompletableFuture<?>[]::new));
        ended = all;
        return all;
    }

    private Farewell farewell() {
        return switch (endReason) {
            case EXPIRED -> Farewell.EXPIRED;
            case REMOVED -> Farewell.REMOVED;
            case SHUTDOWN -> Farewell.SHUTDOWN;
        };
    }
}
