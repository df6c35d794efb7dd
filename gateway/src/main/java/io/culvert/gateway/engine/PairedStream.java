package io.culvert.gateway.engine;

import io.culvert.gateway.ExposeSpec;
import io.culvert.gateway.LiveConnection;
import io.culvert.gateway.Policy;
import io.culvert.gateway.Protocol;
import io.culvert.gateway.Target;
import io.culvert.link.goproxy.GoproxyHead;
import io.culvert.link.net.StreamLeg;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A visitor of a stock server, joined with a stream of a stock client. The server alone knows the visitor's address. Lives on the tunnel's
 * home loop, as both streams do.
 */
final class PairedStream implements Connection {
    private final long id;
    private final LiveTunnel tunnel;
    private final Visitors visitors;
    private final GoproxySession client;
    private final String visitor;
    private final Protocol protocol;
    private final String target;
    private final Meter meter;
    private @Nullable Passage passage;
    private @Nullable PairedFlow flow;
    private boolean gone;

    /**
     * A stream whose client was chosen.
     *
     * @param visitor what is known of the visitor
     */
    PairedStream(LiveTunnel tunnel, GoproxySession client, String visitor, GoproxyHead head) {
        this.id = tunnel.visitors().nextId();
        this.tunnel = tunnel;
        this.visitors = tunnel.visitors();
        this.client = client;
        this.visitor = visitor;
        this.protocol = head.transport() == GoproxyHead.Transport.UDP ? Protocol.UDP : Protocol.TCP;
        this.target = head.address();
        this.meter = visitors.meter();
        client.load().incrementAndGet();
    }

    /** Joins two streams of bytes. */
    void join(StreamLeg server, StreamLeg onward) {
        Passage bytes = new Passage(tunnel.home(), visitors, meter, this::expired);
        passage = bytes;
        bytes.join(server, onward, reason -> left());
    }

    /** Joins two streams of datagrams. */
    void joinDatagrams(StreamLeg server, StreamLeg onward, ByteBufAllocator alloc) {
        FlowGate gate = new FlowGate(tunnel.home(), visitors, meter, this::expired);
        gate.obey();
        flow = PairedFlow.join(server, onward, alloc, gate, visitors.tally(), this::left);
    }

    private void left() {
        if (!gone) {
            gone = true;
            if (passage != null) {
                passage.stop();
            }
            client.load().decrementAndGet();
            visitors.left(this);
        }
    }

    private void expired(Policy policy) {
        visitors.met(policy, visitor);
        cut();
    }

    @Override
    public void cut() {
        if (passage != null) {
            passage.cut();
        } else if (flow != null) {
            flow.close();
        }
    }

    @Override
    public void obey() {
        if (passage != null) {
            passage.obey();
        } else if (flow != null) {
            flow.obey();
        }
    }

    @Override
    public EventLoop loop() {
        return tunnel.home();
    }

    @Override
    public long id() {
        return id;
    }

    @Override
    public @Nullable InetAddress address() {
        return null;
    }

    @Override
    public String visitor() {
        return visitor;
    }

    /** The expose with its target, if there is one: stock servers name targets of their own. */
    private int expose() {
        List<ExposeSpec> exposes = tunnel.exposes();
        for (int i = 0; i < exposes.size(); i++) {
            if (exposes.get(i).protocol() == protocol
                    && exposes.get(i).target().toString().equals(target)) {
                return i;
            }
        }
        return 0;
    }

    @Override
    public LiveConnection live() {
        long now = meter.now();
        return new LiveConnection(
                id,
                expose(),
                protocol,
                visitor,
                target(),
                client.id(),
                Duration.ofNanos(Math.max(0, now - meter.since())),
                Duration.ofNanos(Math.max(0, now - meter.movedAt())),
                meter.bytesIn(),
                meter.bytesOut());
    }

    /** As the stock server named it; where that is no target, the one of the tunnel. */
    private Target target() {
        int colon = target.lastIndexOf(':');
        try {
            return new Target(target.substring(0, Math.max(0, colon)), Integer.parseInt(target.substring(colon + 1)));
        } catch (IllegalArgumentException e) {
            return tunnel.exposes().get(0).target();
        }
    }
}
