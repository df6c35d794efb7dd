package io.culvert.gateway.engine;

import io.culvert.gateway.ExposeSpec;
import io.culvert.gateway.LiveSession;
import io.culvert.gateway.ProbeStep;
import io.culvert.gateway.ProbeStep.Outcome;
import io.culvert.gateway.ProbeStep.Place;
import io.culvert.gateway.Protocol;
import io.culvert.gateway.Target;
import io.culvert.link.agent.Farewell;
import io.culvert.link.net.DatagramStream;
import io.culvert.link.net.Liveness;
import io.culvert.link.net.Mux;
import io.culvert.link.net.MuxEvents;
import io.culvert.link.net.StreamLeg;
import io.culvert.link.relay.CloseReason;
import io.culvert.link.relay.Leg;
import io.culvert.link.yamux.Yamux;
import io.culvert.link.yamux.YamuxLimits;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One authenticated connection of an agent that serves a tunnel, whatever kind of agent. Its streams live on its channel's loop; the
 * tunnel's home loop chooses among sessions by {@link #load}.
 */
abstract class AgentSession implements MuxEvents {
    private final LiveTunnel tunnel;
    private final Channel channel;
    private final Mux mux;
    private final String name;
    private final String address;
    private final String agent;
    private final long id;
    private final long epoch;
    private final long since;
    private final AtomicInteger load = new AtomicInteger();

    AgentSession(LiveTunnel tunnel, Channel channel, String agent, long epoch, YamuxLimits limits, Liveness liveness) {
        this.tunnel = tunnel;
        this.channel = channel;
        this.name = agent;
        this.address = channel.remoteAddress() instanceof InetSocketAddress from ? Addresses.text(from) : "unknown";
        this.agent = agent + " at " + address;
        this.id = tunnel.sessions().nextId();
        this.epoch = epoch;
        this.since = now();
        this.mux = new Mux(channel, Yamux.Role.CLIENT, limits, liveness, tunnel.memory(), this);
    }

    /** True where the two cannot both serve the tunnel. */
    abstract boolean excludes(AgentSession other);

    /** True where both are sessions of one agent, as far as can be told. */
    abstract boolean sameAgent(AgentSession other);

    /** Which program it is. */
    abstract LiveSession.Kind kind();

    /** True where the session came in by a certificate that can be revoked. */
    abstract boolean byCertificate();

    /**
     * A leg that leads to the target; null where the session cannot carry another. On the session's loop.
     *
     * @param visitor for the agent's log
     */
    abstract @Nullable Leg connect(Target target, String visitor);

    /** Whether a target that could not be dialled looks like this to a visitor who heard nothing of it. */
    boolean mayHaveFailedToDial(CloseReason reason) {
        return reason == CloseReason.RIGHT_RESET;
    }

    /**
     * Tries whether the target of an expose can be reached, as far as this kind of agent lets it be known; the stage completes on the
     * session's loop within its time and does not fail. On the session's loop.
     */
    CompletionStage<ProbeStep> probe(ExposeSpec expose) {
        return expose.protocol() == Protocol.UDP
                ? CompletableFuture.completedStage(new ProbeStep(
                        Place.TARGET,
                        Outcome.UNKNOWN,
                        "this agent does not say what becomes of datagrams",
                        Duration.ZERO))
                : TargetProbe.watching(connect(expose.target(), "probe"), loop(), expose.target());
    }

    final Mux mux() {
        return mux;
    }

    final Channel channel() {
        return channel;
    }

    final EventLoop loop() {
        return channel.eventLoop();
    }

    /** Which agent, where from. */
    final String agent() {
        return agent;
    }

    /** Kind, name and address, for people. Any thread. */
    final String describe() {
        return (kind() == LiveSession.Kind.OWN ? "own agent " : "") + name + " at " + address;
    }

    /** Names it within this process. */
    final long id() {
        return id;
    }

    /** As it is now; any thread. */
    final LiveSession live() {
        long roundTrip = mux.roundTripNanos();
        return new LiveSession(
                id,
                kind(),
                name,
                address,
                epoch,
                Duration.ofNanos(now() - since),
                roundTrip < 0 ? Optional.empty() : Optional.of(Duration.ofNanos(roundTrip)),
                load.get());
    }

    private long now() {
        return channel.eventLoop().ticker().nanoTime();
    }

    /** Grows with each session of the tunnel; the greater one wins where two cannot both stay. */
    final long epoch() {
        return epoch;
    }

    /** Visitors given to this session and not gone yet; any thread. */
    final AtomicInteger load() {
        return load;
    }

    /**
     * A stream of datagrams that leads to the target; null where the session cannot carry another. On the session's loop.
     *
     * @param visitor whose flow it is
     * @param owner hears what comes back
     */
    final @Nullable DatagramStream connectUdp(Target target, String visitor, DatagramStream.Owner owner) {
        StreamLeg stream = openUdp(target, visitor);
        return stream == null ? null : DatagramStream.over(stream, channel.alloc(), datagramCodec(visitor), owner);
    }

    /** A stream with the head for a UDP target on it. */
    abstract @Nullable StreamLeg openUdp(Target target, String visitor);

    /** How datagrams lie in the streams of this kind of agent. */
    abstract DatagramStream.Codec datagramCodec(String visitor);

    /** A new stream; null where the session cannot carry another. On the session's loop. */
    final @Nullable StreamLeg openStream() {
        StreamLeg stream = mux.open();
        if (stream == null && mux.idsUsedUp()) {
            mux.end(Farewell.IDS_USED_UP.code(), "all stream ids of the session are used up");
        }
        return stream;
    }

    /** Ends the session and tells the agent why; the stage completes once that is on its way. Any thread. */
    final CompletionStage<Void> end(Farewell farewell, String why) {
        return CompletableFuture.runAsync(() -> part(farewell, why), loop());
    }

    /** Ends the session as this kind of agent understands it. On the session's loop. */
    abstract void part(Farewell farewell, String why);

    @Override
    public final void opened(StreamLeg stream) {
        // Not reached: the limits of this side let the agent open no streams.
        stream.reset();
    }

    @Override
    public final void goAway(int code) {
        mux.end(Farewell.NORMAL.code(), "the agent left");
    }

    @Override
    public final void closed(String why) {
        tunnel.sessions().left(this, why);
    }
}
