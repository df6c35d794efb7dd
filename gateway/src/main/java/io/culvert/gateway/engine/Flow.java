package io.culvert.gateway.engine;

import io.culvert.gateway.Target;
import io.culvert.link.net.DatagramStream;
import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One visitor's datagrams. Created on the tunnel's home loop, where datagrams from the visitor come from; its stream lives on the
 * session's loop. Between the two at most {@link #MOST_WAITING} datagrams wait, further ones are dropped.
 */
final class Flow implements DatagramStream.Owner {
    private static final int MOST_WAITING = 256;

    private final UdpExpose expose;
    private final AgentSession session;
    private final InetSocketAddress visitor;
    private final Target target;
    private final LiveTunnel tunnel;
    private final AtomicInteger waiting = new AtomicInteger();
    private volatile long heardAt;
    private volatile boolean over;
    /** On the session's loop. */
    private @Nullable DatagramStream stream;

    Flow(
            UdpExpose expose,
            AgentSession session,
            InetSocketAddress visitor,
            Target target,
            LiveTunnel tunnel,
            long now) {
        this.expose = expose;
        this.session = session;
        this.visitor = visitor;
        this.target = target;
        this.tunnel = tunnel;
        this.heardAt = now;
    }

    /** Opens the stream; from the home loop, ahead of the first datagram. */
    void begin() {
        session.load().incrementAndGet();
        session.loop().execute(() -> {
            if (over) {
                return;
            }
            DatagramStream opened = session.connectUdp(target, Visitor.text(visitor), this);
            stream = opened;
            if (opened == null) {
                closed();
            }
        });
    }

    /** A datagram from the visitor, taken over; on the home loop. */
    void toAgent(ByteBuf body, long now) {
        heardAt = now;
        if (waiting.incrementAndGet() > MOST_WAITING) {
            waiting.decrementAndGet();
            tunnel.dropped();
            body.release();
            return;
        }
        session.loop().execute(() -> {
            waiting.decrementAndGet();
            DatagramStream current = stream;
            try {
                if (current == null || !current.send(body)) {
                    tunnel.dropped();
                }
            } finally {
                body.release();
            }
        });
    }

    @Override
    public void datagram(ByteBuf body) {
        heardAt = expose.now();
        expose.toVisitor(body, visitor);
    }

    @Override
    public void closed() {
        if (!over) {
            over = true;
            session.load().decrementAndGet();
        }
    }

    /** Ends the flow; any thread. */
    void close() {
        session.loop().execute(() -> {
            DatagramStream current = stream;
            if (current != null) {
                current.close();
            } else {
                closed();
            }
        });
    }

    /** Nanoseconds of the last datagram either way; any thread. */
    long heardAt() {
        return heardAt;
    }

    /** True once the stream is gone: the next datagram of the visitor begins another flow. Any thread. */
    boolean over() {
        return over;
    }
}
