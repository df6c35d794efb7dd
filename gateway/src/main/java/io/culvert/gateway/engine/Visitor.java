package io.culvert.gateway.engine;

import io.culvert.gateway.LiveConnection;
import io.culvert.gateway.Policy;
import io.culvert.gateway.Protocol;
import io.culvert.gateway.Target;
import io.culvert.link.net.SocketLeg;
import io.culvert.link.net.Sockets;
import io.culvert.link.relay.CloseReason;
import io.culvert.link.relay.Leg;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * One visitor's connection, from accept to its last byte. Made on the tunnel's home loop; its channel is registered on the loop of the
 * session that carries it, and lives there.
 */
final class Visitor implements Connection {
    private final long id;
    private final Visitors visitors;
    private final TargetWatch targets;
    private final AgentSession session;
    private final EventLoop loop;
    private final SocketChannel channel;
    private final InetSocketAddress address;
    private final InetAddress host;
    private final int expose;
    private final Target target;
    private final SocketLeg leg;
    private final Meter meter;
    private final Passage passage;
    private boolean cut;
    private boolean gone;

    /**
     * A visitor whose session was chosen.
     *
     * @param targets hears of visitors who were broken off
     * @param address where it comes from
     * @param expose which of the tunnel's exposes it came to
     */
    Visitor(
            Visitors visitors,
            TargetWatch targets,
            AgentSession session,
            SocketChannel channel,
            InetSocketAddress address,
            int expose,
            Target target) {
        this.id = visitors.nextId();
        this.visitors = visitors;
        this.targets = targets;
        this.session = session;
        this.loop = session.loop();
        this.channel = channel;
        this.address = address;
        this.host = Addresses.plain(address.getAddress());
        this.expose = expose;
        this.target = target;
        this.leg = new SocketLeg(channel, visitors.linger());
        this.meter = visitors.meter();
        this.passage = new Passage(loop, visitors, meter, this::expired);
        Sockets.asLeg(channel);
        channel.pipeline().addLast(leg);
    }

    /** Brings it to its session's loop and onto a stream of that session. On the home loop. */
    void ride() {
        session.load().incrementAndGet();
        loop.execute(this::register);
    }

    private void register() {
        if (cut) {
            // The tunnel ended, or another policy came, between accept and now.
            turnAway(channel);
            left();
            return;
        }
        channel.closeFuture().addListener(closed -> left());
        loop.register(channel);
        Leg stream = channel.isActive() ? session.connect(target, visitor()) : null;
        if (stream == null) {
            // The session cannot carry it, or the visitor itself is gone by now.
            visitors.tally().refused();
            leg.reset();
            return;
        }
        visitors.tally().taken();
        ByteBuf header = ProxyHeaders.stream(
                visitors.rules().policies().proxyHeader(), address, channel.localAddress(), channel.alloc());
        if (header != null) {
            stream.write(header);
            stream.flush();
        }
        passage.join(leg, stream, this::ended);
    }

    private void ended(CloseReason reason) {
        if (meter.bytesOut() == 0 && session.mayHaveFailedToDial(reason)) {
            targets.doubt(expose, session);
        }
        left();
    }

    /** Nothing is left of it: neither the socket, nor bytes that came through it and that a rate still holds back. */
    private void left() {
        if (!gone && !channel.isOpen() && passage.over()) {
            gone = true;
            passage.stop();
            session.load().decrementAndGet();
            visitors.left(this);
        }
    }

    private void expired(Policy policy) {
        visitors.met(policy, visitor());
        cut();
    }

    /** Turns a connection away by RST that no loop has taken yet. */
    static void turnAway(SocketChannel channel) {
        Sockets.asLeg(channel);
        channel.unsafe().closeForcibly();
    }

    @Override
    public void cut() {
        if (!loop.inEventLoop()) {
            loop.execute(this::cut);
            return;
        }
        cut = true;
        if (!passage.cut() && channel.isRegistered()) {
            leg.reset();
        }
    }

    @Override
    public void obey() {
        loop.execute(passage::obey);
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
        return Addresses.text(address);
    }

    @Override
    public LiveConnection live() {
        long now = meter.now();
        return new LiveConnection(
                id,
                expose,
                Protocol.TCP,
                visitor(),
                target,
                session.id(),
                Duration.ofNanos(Math.max(0, now - meter.since())),
                Duration.ofNanos(Math.max(0, now - meter.movedAt())),
                meter.bytesIn(),
                meter.bytesOut());
    }
}
