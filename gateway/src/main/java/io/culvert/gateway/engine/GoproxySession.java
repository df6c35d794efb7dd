package io.culvert.gateway.engine;

import io.culvert.gateway.LiveSession;
import io.culvert.gateway.Target;
import io.culvert.link.agent.Farewell;
import io.culvert.link.goproxy.Datagram;
import io.culvert.link.goproxy.GoproxyHead;
import io.culvert.link.goproxy.Preface;
import io.culvert.link.net.DatagramStream;
import io.culvert.link.net.Liveness;
import io.culvert.link.net.SnappyLeg;
import io.culvert.link.net.StreamLeg;
import io.culvert.link.relay.CloseReason;
import io.culvert.link.relay.Leg;
import io.culvert.link.yamux.YamuxLimits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A session of a stock {@code proxy client}. Threads as in {@link AgentSession}. */
final class GoproxySession extends AgentSession {
    private final Preface.Client preface;
    private final boolean byCertificate;
    private final boolean compress;
    private final String serverId;
    private final Supplier<String> streamIds;

    /**
     * A session as its preface names it.
     *
     * @param byCertificate whether it showed a certificate of the tunnel's own
     * @param compress whether its TCP streams are snappy framed
     * @param serverId what stands for this server in the heads of streams, 40 hex digits
     * @param streamIds gives each stream its 40 hex digits
     */
    GoproxySession(
            LiveTunnel tunnel,
            Channel channel,
            Preface.Client preface,
            long epoch,
            Liveness liveness,
            boolean byCertificate,
            boolean compress,
            String serverId,
            Supplier<String> streamIds) {
        super(
                tunnel,
                channel,
                "goproxy client " + preface.key() + "-" + preface.index(),
                epoch,
                YamuxLimits.goproxyOpener(),
                liveness);
        this.preface = preface;
        this.byCertificate = byCertificate;
        this.compress = compress;
        this.serverId = serverId;
        this.streamIds = streamIds;
    }

    String key() {
        return preface.key();
    }

    /** The sessions of all keys and indices stand side by side; the same key and index again replaces the earlier one. */
    @Override
    boolean excludes(AgentSession other) {
        return !(other instanceof GoproxySession stock) || preface.equals(stock.preface);
    }

    /** A stock client says of itself its key, and that is all. */
    @Override
    boolean sameAgent(AgentSession other) {
        return other instanceof GoproxySession stock && stock.key().equals(key());
    }

    @Override
    LiveSession.Kind kind() {
        return LiveSession.Kind.GOPROXY;
    }

    @Override
    boolean byCertificate() {
        return byCertificate;
    }

    @Override
    @Nullable
    Leg connect(Target target, String visitor) {
        StreamLeg stream =
                forward(new GoproxyHead(streamIds.get(), GoproxyHead.Transport.TCP, target.toString(), serverId));
        return stream == null || !compress ? stream : new SnappyLeg(stream, stream::holdsBeside);
    }

    /** A stock client closes the stream of a target that it cannot dial. */
    @Override
    boolean mayHaveFailedToDial(CloseReason reason) {
        return reason == CloseReason.ENDED || super.mayHaveFailedToDial(reason);
    }

    @Override
    @Nullable
    StreamLeg openUdp(Target target, String visitor) {
        return forward(new GoproxyHead(streamIds.get(), GoproxyHead.Transport.UDP, target.toString(), serverId));
    }

    @Override
    DatagramStream.Codec datagramCodec(String visitor) {
        return new DatagramStream.Codec() {
            @Override
            public ByteBuf encode(ByteBuf body, ByteBufAllocator allocator) {
                return new Datagram(visitor, body).encode(allocator);
            }

            @Override
            public @Nullable ByteBuf decode(ByteBuf in) {
                // The address is our visitor's own, sent back; the stream says already whose flow it is.
                Datagram datagram = Datagram.decode(in);
                return datagram == null ? null : datagram.body();
            }
        };
    }

    /** A stream with this head on it; the whole head is one buffer, and so one data frame. */
    @Nullable
    StreamLeg forward(GoproxyHead head) {
        StreamLeg stream = openStream();
        if (stream != null) {
            stream.write(head.encode(channel().alloc()));
        }
        return stream;
    }

    /** Stock peers know yamux's own codes only. */
    @Override
    void part(Farewell farewell, String why) {
        // It does not leave by itself.
        mux().end(Farewell.NORMAL.code(), why);
    }
}
