package io.culvert.agent;

import io.culvert.link.agent.AgentMessage;
import io.culvert.link.agent.AgentMessage.Hello;
import io.culvert.link.agent.AgentMessage.Refused;
import io.culvert.link.agent.AgentMessage.Welcome;
import io.culvert.link.agent.Farewell;
import io.culvert.link.agent.ProgramName;
import io.culvert.link.net.BridgeTls;
import io.culvert.link.net.Liveness;
import io.culvert.link.net.MemoryBudget;
import io.culvert.link.net.Mux;
import io.culvert.link.net.MuxEvents;
import io.culvert.link.net.Sockets;
import io.culvert.link.net.StreamLeg;
import io.culvert.link.yamux.Yamux;
import io.culvert.link.yamux.YamuxLimits;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslContext;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Keeps one session of the agent up, for ever: connect, serve, and when it ends wait a little and connect again. Lives on its loop.
 *
 * <p>An agent takes its tunnel over once, when it starts. Later it comes back in standby: it is let in only when no other agent serves
 * the tunnel, so two agents with the same token do not push each other out in turns, whether the one was replaced or only lost its path. Its
 * own dead session does not count as another's: it replaces that at once.
 */
final class SessionKeeper {
    private static final String NAME = ProgramName.of("culvert-agent");

    /** A session that lasted this long was a good one: the next loss starts with a short wait again. */
    private static final Duration STEADY = Duration.ofSeconds(5);

    /** What a path may hiccup without the session being given up, however often the server wants pings. */
    private static final Duration LEAST_PATIENCE = Duration.ofSeconds(1);

    private final AgentSettings settings;
    private final byte[] instance;
    private final int index;
    private final EventLoop loop;
    private final SslContext tls;
    private final Dialer server;
    private final Dialer targets;
    private final Backoff backoff;
    private final AtomicBoolean served;
    private final AgentCredential credential;
    private final MemoryBudget.Share memory;
    private final Owner owner;
    private final SparseLog refusals;
    private final SparseLog failures;
    private boolean stopped;
    private @Nullable SocketChannel connecting;
    private @Nullable Mux mux;

    /** Whom a keeper reports to. */
    interface Owner {
        void connected(int session, long epoch);

        void disconnected(int session, String why, Duration retryIn);

        /** The server keeps the credential that was shown, and wants it renewed by then. */
        void renewIn(AgentCredential.Proof shown, Duration time);

        /** Trying on is of no use: the whole agent should end. */
        void giveUp(AgentEnd end, String why);
    }

    /**
     * A keeper.
     *
     * @param server dials the server
     * @param targets dials what visitors ask for
     * @param served whether any session of this agent was welcomed yet; shared by its keepers
     * @param credential what to show at the door; shared likewise
     * @param memory shared likewise
     */
    SessionKeeper(
            AgentSettings settings,
            byte[] instance,
            int index,
            EventLoop loop,
            SslContext tls,
            Dialer server,
            Dialer targets,
            Backoff backoff,
            AtomicBoolean served,
            AgentCredential credential,
            MemoryBudget.Share memory,
            Owner owner) {
        this.settings = settings;
        this.instance = instance;
        this.index = index;
        this.loop = loop;
        this.tls = tls;
        this.server = server;
        this.targets = targets;
        this.backoff = backoff;
        this.served = served;
        this.credential = credential;
        this.memory = memory;
        this.owner = owner;
        Logger log = LoggerFactory.getLogger(Inlet.class);
        this.refusals = new SparseLog(log, Level.WARN, loop.ticker());
        this.failures = new SparseLog(log, Level.INFO, loop.ticker());
    }

    /** Begins; any thread. */
    void start() {
        loop.execute(this::connect);
    }

    /** Leaves the server and connects no more; completes when that is on its way. Any thread. */
    CompletionStage<Void> stop() {
        return CompletableFuture.runAsync(
                () -> {
                    stopped = true;
                    Mux session = mux;
                    if (session != null) {
                        session.end(Farewell.NORMAL.code(), "the agent stops");
                    }
                    SocketChannel channel = connecting;
                    if (channel != null) {
                        channel.close();
                    }
                },
                loop);
    }

    private void connect() {
        if (!stopped) {
            // Another session may have drawn it this moment.
            credential.proof().thenAcceptAsync(this::connectBy, loop);
        }
    }

    private void connectBy(AgentCredential.Proof proof) {
        if (stopped) {
            return;
        }
        Hello hello = new Hello(
                settings.token().tunnelId(),
                proof.secret(),
                proof.credential(),
                instance,
                index,
                served.get(),
                true,
                NAME);
        Greeting greeting = new Greeting(proof);
        server.dial(settings.server(), loop, channel -> {
                    if (stopped || greeting.over) {
                        // The server's name has another address, but this try has had its outcome already.
                        throw new CancellationException("this try is over");
                    }
                    Sockets.asSession(channel);
                    connecting = channel;
                    BridgeTls.addTo(channel.pipeline(), tls, WelcomeHandler.DEADLINE);
                    channel.pipeline().addLast("welcome", new WelcomeHandler(hello, Welcome.class, greeting));
                })
                .whenComplete((channel, failure) -> {
                    if (failure != null) {
                        greeting.failed(Dialer.reason(failure));
                    }
                });
    }

    /** The server says how often to ping; patience is in proportion, 10 s for the usual 15. */
    private static Liveness liveness(Welcome welcome) {
        Duration patience = welcome.pingEvery().multipliedBy(2).dividedBy(3);
        patience = patience.compareTo(LEAST_PATIENCE) > 0 ? patience : LEAST_PATIENCE;
        Duration most = Liveness.DEFAULT.timeout();
        return new Liveness(welcome.pingEvery(), patience.compareTo(most) < 0 ? patience : most);
    }

    private void retry(String why) {
        connecting = null;
        mux = null;
        if (stopped) {
            return;
        }
        Duration wait = backoff.next();
        owner.disconnected(index, why, wait);
        loop.schedule(this::connect, wait.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** One try: hears the first outcome, and nothing after it. */
    private final class Greeting implements WelcomeHandler.Owner {
        private final AgentCredential.Proof proof;
        private boolean over;

        Greeting(AgentCredential.Proof proof) {
            this.proof = proof;
        }

        @Override
        public void accepted(ChannelHandlerContext ctx, AgentMessage answer) {
            Welcome welcome = (Welcome) answer;
            over = true;
            welcome.renewIn().ifPresent(time -> {
                credential.taken(proof);
                owner.renewIn(proof, time);
            });
            connecting = null;
            served.set(true);
            Session session = new Session(ctx);
            Mux fresh = new Mux(
                    ctx.channel(), Yamux.Role.SERVER, YamuxLimits.acceptor(), liveness(welcome), memory, session);
            mux = fresh;
            ctx.pipeline().addAfter(ctx.name(), "mux", fresh);
            ctx.pipeline().remove(ctx.name());
            if (stopped) {
                fresh.end(Farewell.NORMAL.code(), "the agent stops");
            } else {
                owner.connected(index, welcome.epoch());
            }
        }

        @Override
        public void refused(Refused refused) {
            over = true;
            switch (refused.code()) {
                case BAD_TOKEN ->
                    credential.refused(proof).thenAccept(another -> loop.execute(() -> badToken(another, refused)));
                case VERSION -> giveUp(refused);
                case TRY_LATER, OCCUPIED -> retry(refused.text());
            }
        }

        private void badToken(boolean another, Refused refused) {
            if (another) {
                retry(refused.text());
            } else {
                giveUp(refused);
            }
        }

        private void giveUp(Refused refused) {
            stopped = true;
            owner.giveUp(AgentEnd.REFUSED, refused.text());
        }

        @Override
        public void failed(String why) {
            if (!over) {
                over = true;
                retry(why);
            }
        }
    }

    private final class Session implements MuxEvents {
        private final ChannelHandlerContext ctx;
        private final long began = loop.ticker().nanoTime();
        private @Nullable Farewell farewell;

        Session(ChannelHandlerContext ctx) {
            this.ctx = ctx;
        }

        @Override
        public void opened(StreamLeg stream) {
            new Inlet(stream, loop, targets, settings.allow(), settings.linger(), ctx.alloc(), refusals, failures)
                    .begin();
        }

        @Override
        public void goAway(int code) {
            farewell = Farewell.of(code);
            Mux session = mux;
            if (session != null) {
                session.end(Farewell.NORMAL.code(), farewell == null ? "the server ended the session" : text(farewell));
            }
        }

        @Override
        public void closed(String why) {
            if (farewell == Farewell.EXPIRED || farewell == Farewell.REMOVED) {
                stopped = true;
                owner.giveUp(farewell == Farewell.EXPIRED ? AgentEnd.EXPIRED : AgentEnd.REMOVED, why);
                return;
            }
            if (farewell != Farewell.REPLACED && loop.ticker().nanoTime() - began >= STEADY.toNanos()) {
                backoff.reset();
            }
            retry(why);
        }

        private static String text(Farewell farewell) {
            return switch (farewell) {
                case EXPIRED -> "the tunnel's lease ran out";
                case REMOVED -> "the tunnel was removed";
                case REPLACED -> "another agent took the tunnel over; standing by";
                case SHUTDOWN -> "the server stops";
                case IDS_USED_UP -> "the session is used up";
                case NORMAL -> "the server ended the session";
                case PROTOCOL_ERROR -> "the server ended the session: it takes what this agent sent for a fault";
                case INTERNAL_ERROR -> "the server ended the session: it has a fault of its own";
            };
        }
    }
}
