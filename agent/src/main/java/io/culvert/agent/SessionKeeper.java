package io.culvert.agent;

import io.culvert.link.agent.AgentMessage.Hello;
import io.culvert.link.agent.AgentMessage.Refused;
import io.culvert.link.agent.AgentMessage.Welcome;
import io.culvert.link.agent.Farewell;
import io.culvert.link.net.BridgeTls;
import io.culvert.link.net.Liveness;
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
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one session of the agent up, for ever: connect, serve, and when it ends wait a little and connect again. Lives on its loop.
 *
 * <p>An agent that was replaced by another one comes back in standby: it is let in only when nobody else serves the tunnel, so two
 * agents with the same token do not push each other out in turns.
 */
final class SessionKeeper {
    private static final String NAME = "culvert-agent/0.1.0";

    /** A session that lasted this long was a good one: the next loss starts with a short wait again. */
    private static final Duration STEADY = Duration.ofSeconds(5);

    private final AgentSettings settings;
    private final byte[] instance;
    private final int index;
    private final EventLoop loop;
    private final SslContext tls;
    private final Dialer dialer;
    private final Backoff backoff;
    private final Owner owner;
    private boolean standby;
    private boolean stopped;
    private @Nullable SocketChannel connecting;
    private @Nullable Mux mux;

    /** Whom a keeper reports to. */
    interface Owner {
        void connected(int session, long epoch);

        void disconnected(int session, String why, Duration retryIn);

        /** Trying on is of no use: the whole agent should end. */
        void giveUp(AgentEnd end, String why);
    }

    SessionKeeper(
            AgentSettings settings,
            byte[] instance,
            int index,
            EventLoop loop,
            SslContext tls,
            Dialer dialer,
            Backoff backoff,
            Owner owner) {
        this.settings = settings;
        this.instance = instance;
        this.index = index;
        this.loop = loop;
        this.tls = tls;
        this.dialer = dialer;
        this.backoff = backoff;
        this.owner = owner;
    }

    /** Begins; any thread. */
    void start() {
        loop.execute(this::connect);
    }

    /** Leaves the server and connects no more; any thread. */
    void stop() {
        loop.execute(() -> {
            stopped = true;
            Mux session = mux;
            if (session != null) {
                session.end(Farewell.NORMAL.code(), "the agent stops");
            }
            SocketChannel channel = connecting;
            if (channel != null) {
                channel.close();
            }
        });
    }

    private void connect() {
        if (stopped) {
            return;
        }
        Hello hello = new Hello(settings.token().tunnelId(), settings.token().secret(), instance, index, standby, NAME);
        Greeting greeting = new Greeting();
        dialer.dial(settings.server(), loop, channel -> {
                    Sockets.asSession(channel);
                    connecting = channel;
                    BridgeTls.addTo(channel.pipeline(), tls, WelcomeHandler.DEADLINE);
                    channel.pipeline().addLast("welcome", new WelcomeHandler(hello, greeting));
                })
                .whenComplete((channel, failure) -> {
                    if (failure != null) {
                        greeting.failed(Dialer.reason(failure));
                    }
                });
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
        private boolean over;

        @Override
        public void welcomed(ChannelHandlerContext ctx, Welcome welcome) {
            over = true;
            connecting = null;
            standby = false;
            Liveness liveness = new Liveness(welcome.pingEvery(), Liveness.DEFAULT.timeout());
            Session session = new Session(ctx);
            Mux fresh = new Mux(ctx.channel(), Yamux.Role.SERVER, YamuxLimits.acceptor(), liveness, session);
            mux = fresh;
            ctx.pipeline().addAfter(ctx.name(), "mux", fresh);
            ctx.pipeline().remove(ctx.name());
            owner.connected(index, welcome.epoch());
            if (stopped) {
                fresh.end(Farewell.NORMAL.code(), "the agent stops");
            }
        }

        @Override
        public void refused(Refused refused) {
            over = true;
            switch (refused.code()) {
                case BAD_TOKEN, VERSION -> {
                    stopped = true;
                    owner.giveUp(AgentEnd.REFUSED, refused.text());
                }
                case TRY_LATER, OCCUPIED -> retry(refused.text());
            }
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
            stream.attach(new Inlet(stream, loop, dialer, settings.allow(), ctx.alloc()));
        }

        @Override
        public void goAway(int code) {
            farewell = Farewell.of(code);
            Mux session = mux;
            if (session != null) {
                session.end(Farewell.NORMAL.code(), farewell == null ? "the server left" : text(farewell));
            }
        }

        @Override
        public void closed(String why) {
            if (farewell == Farewell.EXPIRED || farewell == Farewell.REMOVED) {
                stopped = true;
                owner.giveUp(farewell == Farewell.EXPIRED ? AgentEnd.EXPIRED : AgentEnd.REMOVED, why);
                return;
            }
            standby = farewell == Farewell.REPLACED;
            if (!standby && loop.ticker().nanoTime() - began >= STEADY.toNanos()) {
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
                case NORMAL, PROTOCOL_ERROR, INTERNAL_ERROR -> "the server left (" + farewell + ")";
            };
        }
    }
}
