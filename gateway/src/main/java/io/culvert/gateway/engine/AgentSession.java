package io.culvert.gateway.engine;

import io.culvert.link.agent.AgentMessage.Hello;
import io.culvert.link.agent.Farewell;
import io.culvert.link.net.Liveness;
import io.culvert.link.net.Mux;
import io.culvert.link.net.MuxEvents;
import io.culvert.link.net.StreamLeg;
import io.culvert.link.yamux.Yamux;
import io.culvert.link.yamux.YamuxLimits;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One authenticated connection of an agent. Its streams live on its channel's loop; the tunnel's home loop chooses among sessions by
 * {@link #load}.
 */
final class AgentSession implements MuxEvents {
    private final LiveTunnel tunnel;
    private final Channel channel;
    private final Mux mux;
    private final byte[] instance;
    private final int index;
    private final String agent;
    private final long epoch;
    private final AtomicInteger load = new AtomicInteger();

    AgentSession(LiveTunnel tunnel, Channel channel, Hello hello, long epoch, Liveness liveness) {
        this.tunnel = tunnel;
        this.channel = channel;
        this.instance = hello.instance();
        this.index = hello.session();
        this.agent = hello.agent() + " at " + channel.remoteAddress();
        this.epoch = epoch;
        this.mux = new Mux(channel, Yamux.Role.CLIENT, YamuxLimits.opener(), liveness, this);
    }

    Mux mux() {
        return mux;
    }

    EventLoop loop() {
        return channel.eventLoop();
    }

    /** Which agent process, where from. */
    String agent() {
        return agent;
    }

    /** Grows with each session of the tunnel; the greater one wins where two cannot both stay. */
    long epoch() {
        return epoch;
    }

    /** True where the two cannot both serve the tunnel: they are of different agents, or the same place of one agent. */
    boolean excludes(AgentSession other) {
        return !sameAgent(other.instance) || index == other.index;
    }

    boolean sameAgent(byte[] otherInstance) {
        return Arrays.equals(instance, otherInstance);
    }

    /** Visitors given to this session and not gone yet; any thread. */
    AtomicInteger load() {
        return load;
    }

    /** A stream for a visitor; null where the session cannot carry another. On the session's loop. */
    @Nullable
    StreamLeg openStream() {
        StreamLeg stream = mux.open();
        if (stream == null && mux.idsUsedUp()) {
            mux.end(Farewell.IDS_USED_UP.code(), "all stream ids of the session are used up");
        }
        return stream;
    }

    /** Ends the session and tells the agent why; the stage completes once that is on its way. Any thread. */
    CompletionStage<Void> end(Farewell farewell, String why) {
        return CompletableFuture.runAsync(() -> mux.end(farewell.code(), why), loop());
    }

    @Override
    public void opened(StreamLeg stream) {
        // Not reached: the limits of this side let the agent open no streams.
        stream.reset();
    }

    @Override
    public void goAway(int code) {
        mux.end(Farewell.NORMAL.code(), "the agent left");
    }

    @Override
    public void closed(String why) {
        tunnel.left(this, why);
    }
}
