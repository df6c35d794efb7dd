package io.culvert.gateway.engine;

import io.culvert.gateway.LiveConnection;
import io.culvert.gateway.LiveSession;
import io.culvert.gateway.Policy;
import io.culvert.gateway.Protocol;
import io.culvert.gateway.ProxyHeader;
import io.culvert.gateway.Target;
import io.culvert.link.goproxy.Datagram;
import io.culvert.link.net.DatagramStream;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One visitor's datagrams. Created on the tunnel's home loop, where datagrams from the visitor come from; its stream lives on the
 * session's loop. Between the two at most {@value #MOST_WAITING} bytes wait, further datagrams are dropped.
 */
final class Flow implements DatagramStream.Owner, Connection {
    private static final int MOST_WAITING = 256 * 1024;
    /** What a datagram that waits costs beside its body, in bytes. */
    private static final int OVERHEAD = 256;

    private final long id;
    private final UdpExpose expose;
    private final AgentSession session;
    private final EventLoop loop;
    private final InetSocketAddress visitor;
    private final InetAddress host;
    private final Target target;
    private final Visitors visitors;
    private final Meter meter;
    private final FlowGate gate;
    private final AtomicInteger waiting = new AtomicInteger();
    private volatile long heardAt;
    private volatile boolean over;
    // On the session's loop.
    private @Nullable DatagramStream stream;
    private ProxyHeader header = ProxyHeader.NONE;

    Flow(
            UdpExpose expose,
            AgentSession session,
            InetSocketAddress visitor,
            Target target,
            Visitors visitors,
            long now) {
        this.id = visitors.nextId();
        this.expose = expose;
        this.session = session;
        this.loop = session.loop();
        this.visitor = visitor;
        this.host = Addresses.plain(visitor.getAddress());
        this.target = target;
        this.visitors = visitors;
        this.meter = visitors.meter();
        this.gate = new FlowGate(loop, visitors, meter, this::expired);
        this.heardAt = now;
    }

    /** Opens the stream; from the home loop, ahead of the first datagram. */
    void begin() {
        session.load().incrementAndGet();
        loop.execute(() -> {
            if (over) {
                return;
            }
            DatagramStream opened = session.connectUdp(target, visitor(), this);
            stream = opened;
            if (opened == null) {
                visitors.tally().refused();
                closed();
                return;
            }
            visitors.tally().taken();
            if (session.kind() == LiveSession.Kind.OWN) {
                header = visitors.rules().policies().proxyHeader();
            }
            if (!over) {
                gate.obey();
            }
        });
    }

    /** A datagram from the visitor, copied: what it was received in has room for the greatest. On the home loop. */
    void toAgent(ByteBuf received, long now) {
        heardAt = now;
        int n = received.readableBytes();
        int cost = n + OVERHEAD;
        if (waiting.addAndGet(cost) > MOST_WAITING) {
            waiting.addAndGet(-cost);
            visitors.tally().dropped();
            return;
        }
        ByteBuf body = received.alloc().buffer(n, n).writeBytes(received, received.readerIndex(), n);
        loop.execute(() -> {
            waiting.addAndGet(-cost);
            try {
                if (!forward(body)) {
                    visitors.tally().dropped();
                }
            } finally {
                body.release();
            }
        });
    }

    private boolean forward(ByteBuf body) {
        DatagramStream current = stream;
        if (current == null || !current.ready()) {
            return false;
        }
        ByteBuf first = ProxyHeaders.datagram(header, visitor, expose.local(), body.alloc());
        if (first == null) {
            return gate.forth(body.readableBytes()) && current.send(body);
        }
        try {
            first.writeBytes(body, body.readerIndex(), body.readableBytes());
            boolean sent = first.readableBytes() <= Datagram.MAX_BODY
                    && gate.forth(body.readableBytes())
                    && current.send(first);
            if (sent) {
                header = ProxyHeader.NONE;
            }
            return sent;
        } finally {
            first.release();
        }
    }

    @Override
    public void datagram(ByteBuf body) {
        heardAt = meter.now();
        if (expose.carries(body) && gate.back(body.readableBytes())) {
            expose.toVisitor(body, visitor);
        } else {
            visitors.tally().dropped();
            body.release();
        }
    }

    @Override
    public void burstComplete() {
        expose.flush();
    }

    @Override
    public void closed() {
        if (!over) {
            over = true;
            gate.stop();
            session.load().decrementAndGet();
            visitors.left(this);
        }
    }

    private void expired(Policy policy) {
        visitors.met(policy, visitor());
        cut();
    }

    /** Ends the flow; any thread. */
    @Override
    public void cut() {
        loop.execute(() -> {
            DatagramStream current = stream;
            if (current != null) {
                current.close();
            } else {
                closed();
            }
        });
    }

    @Override
    public void obey() {
        loop.execute(() -> {
            if (!over) {
                gate.obey();
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

    @Override
    public EventLoop loop() {
        return loop;
    }

    @Override
    public long id() {
        return id;
    }

    @Override
    public InetAddress address() {
        return host;
    }

    @Override
    public String visitor() {
        return Addresses.text(visitor);
    }

    @Override
    public LiveConnection live() {
        long now = meter.now();
        return new LiveConnection(
                id,
                expose.index(),
                Protocol.UDP,
                visitor(),
                target,
                session.id(),
                Duration.ofNanos(Math.max(0, now - meter.since())),
                Duration.ofNanos(Math.max(0, now - heardAt)),
                meter.bytesIn(),
                meter.bytesOut());
    }
}
