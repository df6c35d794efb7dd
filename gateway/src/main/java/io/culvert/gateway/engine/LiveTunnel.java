package io.culvert.gateway.engine;

import io.culvert.gateway.Counts;
import io.culvert.gateway.EndReason;
import io.culvert.gateway.GatewayEvents;
import io.culvert.gateway.LiveStatus;
import io.culvert.gateway.OpenTunnel;
import io.culvert.gateway.Target;
import io.culvert.link.agent.Farewell;
import io.culvert.link.relay.Relay;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * An open tunnel: its listeners and the sessions that serve it. Its home loop owns both lists; visitors and bytes belong to the sessions'
 * loops and are only counted here.
 */
final class LiveTunnel implements Relay.Traffic {
    static final String REVOKED = "its certificate was revoked";

    private final long id;
    private final EventLoop home;
    private final GatewayEvents events;
    private final Duration linger;
    private final List<PublicPort> listeners = new ArrayList<>();
    private final List<Integer> ports = new ArrayList<>();
    private final List<AgentSession> sessions = new ArrayList<>();
    private final List<PairedServer> servers = new ArrayList<>();
    private final Set<Visitor> visitors = ConcurrentHashMap.newKeySet();
    private final LongAdder bytesIn = new LongAdder();
    private final LongAdder bytesOut = new LongAdder();
    private final LongAdder dropped = new LongAdder();
    private final CompletableFuture<OpenTunnel> opening = new CompletableFuture<>();
    private long lastEpoch;
    private int turn;
    private volatile int sessionCount;
    private volatile boolean ending;
    private final AtomicInteger revocations = new AtomicInteger();

    // Of meaning once it is ending.
    private EndReason endReason = EndReason.SHUTDOWN;
    private final List<CompletionStage<?>> unbound = new ArrayList<>();
    private @Nullable CompletableFuture<Void> ended;

    LiveTunnel(long id, EventLoop home, GatewayEvents events, Duration linger) {
        this.id = id;
        this.home = home;
        this.events = events;
        this.linger = linger;
    }

    long id() {
        return id;
    }

    EventLoop home() {
        return home;
    }

    /** Completes when every expose is bound, or fails when one could not be. Any thread. */
    CompletableFuture<OpenTunnel> opening() {
        return opening;
    }

    /** Completes when nobody binds for this tunnel any more, whatever came of it. Any thread. */
    CompletionStage<Void> settled() {
        return opening.handle((opened, failure) -> null);
    }

    /** What the tunnel carries; any thread. */
    LiveStatus status() {
        return new LiveStatus(
                sessionCount, visitors.size(), new Counts(bytesIn.sum(), bytesOut.sum(), 0, 0, dropped.sum()));
    }

    // ---- listeners and visitors, on the home loop
    // -----------------------------------------------------------------------------------

    /** A port was bound for the tunnel. The stage has its number, or fails, the port free again, where the tunnel was ended meanwhile. */
    CompletionStage<Integer> listen(PublicPort listener) {
        assert home.inEventLoop();
        if (ending) {
            return listener.close()
                    .thenCompose(closed -> CompletableFuture.failedStage(
                            new IllegalStateException("tunnel " + id + ": closed while it was opening")));
        }
        int port = listener.port();
        listeners.add(listener);
        ports.add(port);
        return CompletableFuture.completedStage(port);
    }

    /** Every port that the tunnel was given; read when it has ended. */
    List<Integer> ports() {
        return ports;
    }

    /** A visitor came in. */
    void visit(SocketChannel channel, Target target) {
        assert home.inEventLoop();
        Visitor visitor = new Visitor(channel, target, linger);
        AgentSession session = choose();
        if (session == null) {
            visitor.refuse();
            return;
        }
        visitors.add(visitor);
        session.load().incrementAndGet();
        channel.closeFuture().addListener(gone -> {
            visitors.remove(visitor);
            session.load().decrementAndGet();
        });
        session.loop().execute(() -> {
            visitor.ride(session, this);
            if (ending) {
                // The tunnel ended between accept and now: its end may not have seen this visitor.
                visitor.cut();
            }
        });
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

    /** A datagram had nowhere to go, or too many waited; any thread. */
    void dropped() {
        dropped.increment();
    }

    @Override
    public void forth(int bytes) {
        bytesIn.add(bytes);
    }

    @Override
    public void back(int bytes) {
        bytesOut.add(bytes);
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

    /** Cuts the sessions that came in by a certificate. */
    void revoke() {
        assert home.inEventLoop();
        revocations.incrementAndGet();
        for (PairedServer server : List.copyOf(servers)) {
            if (server.byCertificate()) {
                server.end(REVOKED);
            }
        }
        for (AgentSession session : sessions) {
            if (session.byCertificate()) {
                session.end(Farewell.REMOVED, REVOKED);
            }
        }
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
        for (Visitor visitor : visitors) {
            visitor.cut();
        }
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
