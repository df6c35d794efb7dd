package io.culvert.gateway.engine;

import io.culvert.link.agent.Farewell;
import io.culvert.link.goproxy.GoproxyHead;
import io.culvert.link.goproxy.Preface;
import io.culvert.link.net.HeadReader;
import io.culvert.link.net.Liveness;
import io.culvert.link.net.Mux;
import io.culvert.link.net.MuxEvents;
import io.culvert.link.net.StreamLeg;
import io.culvert.link.yamux.Yamux;
import io.culvert.link.yamux.YamuxLimits;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection of a stock {@code proxy server}: it listens for visitors elsewhere, and each stream that it opens is joined with one of a
 * client of the same key, head and all. It lives on its tunnel's home loop, as all connections to a tunnel's own bridge port do, so both
 * streams are on one loop.
 */
final class PairedServer implements MuxEvents {
    private static final Logger log = LoggerFactory.getLogger(PairedServer.class);

    /**
     * Streams that a server may open at once, and each second from then on. All of them become frames for its clients, which no window
     * holds back: without a bound, a server that opens and resets as fast as it can would drown them.
     */
    private static final int MOST_AT_ONCE = 4096;

    private static final int MOST_A_SECOND = 2000;

    private final LiveTunnel tunnel;
    private final Channel channel;
    private final String key;
    private final String visitor;
    /** How many streams may be opened now, as of {@link #countedAt}. */
    private double allowance = MOST_AT_ONCE;

    private long countedAt;
    private final boolean byCertificate;
    private final Mux mux;

    /**
     * A connection as its preface names it.
     *
     * @param byCertificate whether it showed a certificate of the tunnel's own
     */
    PairedServer(LiveTunnel tunnel, Channel channel, Preface.Server preface, Liveness liveness, boolean byCertificate) {
        this.tunnel = tunnel;
        this.channel = channel;
        this.key = preface.key();
        this.visitor = "a visitor of the goproxy server at "
                + (channel.remoteAddress() instanceof InetSocketAddress from ? Addresses.text(from) : "unknown");
        this.byCertificate = byCertificate;
        this.countedAt = now();
        this.mux = new Mux(channel, Yamux.Role.SERVER, YamuxLimits.goproxyAcceptor(), liveness, tunnel.memory(), this);
    }

    /** True where the server came in by a certificate that can be revoked. */
    boolean byCertificate() {
        return byCertificate;
    }

    Mux mux() {
        return mux;
    }

    /** Ends the connection; on its loop. */
    void end(String why) {
        mux.end(Farewell.NORMAL.code(), why);
    }

    @Override
    public void opened(StreamLeg stream) {
        long now = now();
        allowance = Math.min(MOST_AT_ONCE, allowance + (now - countedAt) * 1e-9 * MOST_A_SECOND);
        countedAt = now;
        if (allowance < 1) {
            stream.reset();
            return;
        }
        allowance--;
        HeadReader.read(
                stream,
                channel.alloc(),
                GoproxyHead::decode,
                head -> join(stream, head),
                why -> log.debug("a goproxy server sent a stream head that is none: {}", why));
    }

    private long now() {
        return channel.eventLoop().ticker().nanoTime();
    }

    private void join(StreamLeg stream, GoproxyHead head) {
        Visitors visitors = tunnel.visitors();
        // Its visitors' addresses are not known here: what concerns them is the stock server's own affair.
        boolean admitted = visitors.admits(null, visitor);
        GoproxySession client = admitted ? tunnel.sessions().clientWithKey(key) : null;
        boolean place = client != null && visitors.takePlace(visitor);
        StreamLeg onward = client == null || !place ? null : client.forward(head);
        if (client == null || onward == null) {
            if (place) {
                visitors.leavePlace();
            }
            visitors.tally().refused();
            stream.reset();
            return;
        }
        visitors.tally().taken();
        PairedStream paired = new PairedStream(tunnel, client, visitor, head);
        visitors.enter(paired);
        if (head.transport() == GoproxyHead.Transport.UDP) {
            paired.joinDatagrams(stream, onward, channel.alloc());
        } else {
            paired.join(stream, onward);
        }
    }

    @Override
    public void goAway(int code) {
        end("the goproxy server left");
    }

    @Override
    public void closed(String why) {
        // Not louder: whoever reaches a bare bridge port may come and go thousands of times a second.
        log.debug("goproxy server {} of tunnel {} left: {}", key, tunnel.id(), why);
        // As a task: where the first byte ended the session,
        // the task that lets it in has yet to run, and must be first.
        tunnel.home().execute(() -> tunnel.sessions().unpair(this));
    }
}
