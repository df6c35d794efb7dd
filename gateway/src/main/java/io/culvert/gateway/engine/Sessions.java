package io.culvert.gateway.engine;

import io.culvert.gateway.EndReason;
import io.culvert.gateway.GatewayEvents;
import io.culvert.gateway.LiveSession;
import io.culvert.link.agent.Farewell;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The agents' sessions that serve one tunnel, and the stock servers that are paired with them. Lives on the tunnel's home loop, except where
 * a method says otherwise.
 */
final class Sessions {
    static final String REVOKED = "its certificate was revoked";
    static final String TOKEN_REVOKED = "its token was revoked";

    private final long tunnelId;
    private final EventLoop home;
    private final GatewayEvents events;
    private final LongSupplier ids;
    private final List<AgentSession> sessions = new ArrayList<>();
    private final List<PairedServer> servers = new ArrayList<>();
    private final AtomicInteger revocations = new AtomicInteger();
    private final AtomicInteger grantRevocations = new AtomicInteger();
    private volatile int size;
    private long lastEpoch;
    private int turn;
    /** What agents are told once the tunnel is ending; null before. */
    private @Nullable Farewell farewell;

    private String end = "";

    Sessions(long tunnelId, EventLoop home, GatewayEvents events, LongSupplier ids) {
        this.tunnelId = tunnelId;
        this.home = home;
        this.events = events;
        this.ids = ids;
    }

    /** A name that no session had before; any thread. */
    long nextId() {
        return ids.getAsLong();
    }

    /** The session with the fewest visitors; among equals they take turns. Null where none is connected. */
    @Nullable
    AgentSession choose() {
        assert home.inEventLoop();
        if (farewell != null) {
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

    /** The epoch for a session that is about to come in; 0 where the tunnel is ending. */
    long nextEpoch() {
        assert home.inEventLoop();
        return farewell == null ? ++lastEpoch : 0;
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
        Farewell over = farewell;
        if (over != null) {
            session.end(over, "the tunnel ended");
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
                .ifPresent(other -> events.agentReplaced(tunnelId, other.agent(), session.agent()));
        for (AgentSession other : excluded) {
            other.end(Farewell.REPLACED, "a newer session took its place");
            sessions.remove(other);
            events.agentDown(tunnelId, other.agent(), "a newer session took its place", sessions.size());
        }
        sessions.add(session);
        size = sessions.size();
        events.agentUp(tunnelId, session.agent(), sessions.size());
    }

    /** A session is over. Any thread. */
    void left(AgentSession session, String why) {
        home.execute(() -> {
            if (sessions.remove(session)) {
                size = sessions.size();
                events.agentDown(tunnelId, session.agent(), why, sessions.size());
            }
        });
    }

    /** Sessions as they are now, oldest first. */
    List<LiveSession> live() {
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

    /** Likewise of grants. */
    int grantRevocations() {
        return grantRevocations.get();
    }

    /** Cuts the sessions that came in by a certificate. */
    void revokeCertificates() {
        assert home.inEventLoop();
        revocations.incrementAndGet();
        for (PairedServer server : List.copyOf(servers)) {
            if (server.byCertificate()) {
                server.end(REVOKED);
            }
        }
        expel(AgentSession::byCertificate, Farewell.REMOVED, REVOKED);
    }

    /**
     * Cuts the sessions of own agents that came in by one of these grants. They are not told that it is the end: at the door they hear
     * what it is.
     */
    void revoke(Set<String> grants) {
        assert home.inEventLoop();
        grantRevocations.incrementAndGet();
        expel(
                session -> session instanceof OwnSession own && grants.contains(own.grant()),
                Farewell.NORMAL,
                TOKEN_REVOKED);
    }

    /** Ends sessions whose authority is over. They are off the list at once: until its own loop has ended it, none is given a visitor. */
    private void expel(Predicate<AgentSession> which, Farewell over, String why) {
        for (AgentSession session : List.copyOf(sessions)) {
            if (which.test(session)) {
                session.end(over, why);
                sessions.remove(session);
                size = sessions.size();
                events.agentDown(tunnelId, session.agent(), why, sessions.size());
            }
        }
    }

    /** A stock server was let in. */
    void pair(PairedServer server) {
        assert home.inEventLoop();
        if (farewell != null) {
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

    /** Nobody comes in any more, nor is chosen. */
    void close(EndReason reason) {
        assert home.inEventLoop();
        farewell = switch (reason) {
            case EXPIRED -> Farewell.EXPIRED;
            case REMOVED -> Farewell.REMOVED;
            case SHUTDOWN -> Farewell.SHUTDOWN;
        };
        end = switch (reason) {
            case EXPIRED -> "the tunnel's lease ran out";
            case REMOVED -> "the tunnel was removed";
            case SHUTDOWN -> "the server stops";
        };
    }

    /** Ends all of them, after {@link #close}; the stages complete when each has been told. */
    List<CompletionStage<Void>> endAll() {
        assert home.inEventLoop();
        Farewell over = Objects.requireNonNull(farewell);
        for (PairedServer server : List.copyOf(servers)) {
            server.end(end);
        }
        return sessions.stream().map(session -> session.end(over, end)).toList();
    }

    /** How many sessions are connected; any thread. */
    int size() {
        return size;
    }
}
