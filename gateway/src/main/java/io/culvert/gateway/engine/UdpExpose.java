package io.culvert.gateway.engine;

import io.culvert.gateway.Target;
import io.culvert.link.goproxy.Datagram;
import io.culvert.link.net.Descriptors;
import io.culvert.link.net.Sockets;
import io.culvert.link.net.Transport;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A public UDP port: each visitor address is a flow, and each flow a stream of one session. Lives on the tunnel's home loop; a flow's
 * stream lives on its session's loop, to which each datagram is handed over.
 */
final class UdpExpose implements PublicPort {
    /** Flows of one port at a time: one that rests makes room for a further visitor, whose datagrams are dropped until one does. */
    static final int MOST_FLOWS = 4096;

    /**
     * What a flow must have been silent for, both ways, to make room, in nanoseconds. Whoever invents addresses can have some 2,000 flows a
     * second opened and ended by that, each a stream of the session, and cuts nobody who is talking.
     */
    private static final long REST_NANOS = TimeUnit.SECONDS.toNanos(2);
    /** How many are looked at for one that rests. The order knows visitors only: targets of the first may go on talking. */
    private static final int MOST_LOOKED_AT = 16;

    /**
     * Greatest body that is carried. A visitor may send up to 20 bytes more over IPv6, which a stock client's frames cannot hold and most
     * targets could not be sent.
     */
    static final int MOST_BODY = Datagram.MAX_BODY;

    private static final int CHECKS_PER_IDLE = 4;

    private final DatagramChannel channel;
    private final LiveTunnel tunnel;
    private final int index;
    private final Target target;
    private final long idleNanos;
    /** The flow whose visitor was silent longest stands first. */
    private final Map<InetSocketAddress, Flow> flows = new LinkedHashMap<>(16, 0.75f, true);

    private final ScheduledFuture<?> sweep;

    private UdpExpose(DatagramChannel channel, LiveTunnel tunnel, int index, Target target, Duration idle) {
        this.channel = channel;
        this.tunnel = tunnel;
        this.index = index;
        this.target = target;
        this.idleNanos = idle.toNanos();
        long every = Math.max(1, idleNanos / CHECKS_PER_IDLE);
        this.sweep = channel.eventLoop().scheduleAtFixedRate(this::sweep, every, every, TimeUnit.NANOSECONDS);
    }

    /**
     * Binds; the stage completes on {@code loop}, or fails with the exception of bind or register.
     *
     * @param index which of the tunnel's exposes it is
     */
    static CompletionStage<PublicPort> bind(
            Transport transport,
            EventLoop loop,
            InetSocketAddress address,
            LiveTunnel tunnel,
            int index,
            Target target,
            Duration idle,
            Descriptors files) {
        DatagramChannel channel = transport.datagramChannel();
        files.sparePort(channel);
        try {
            Sockets.asDatagrams(channel);
        } catch (ChannelException e) {
            channel.unsafe().closeForcibly();
            return CompletableFuture.failedStage(e);
        }
        return PublicPort.bind(loop, channel, address, () -> {
            UdpExpose expose = new UdpExpose(channel, tunnel, index, target, idle);
            channel.pipeline().addLast(expose.new Receiver());
            return expose;
        });
    }

    @Override
    public int port() {
        return channel.localAddress().getPort();
    }

    @Override
    public CompletionStage<Void> close() {
        sweep.cancel(false);
        flows.values().forEach(Flow::cut);
        flows.clear();
        CompletableFuture<Void> closed = new CompletableFuture<>();
        channel.close().addListener(done -> closed.complete(null));
        return closed;
    }

    private void received(DatagramPacket packet) {
        InetSocketAddress visitor = packet.sender();
        ByteBuf body = packet.content();
        // Looked at first: what cannot be carried opens no flow.
        Flow flow = body.readableBytes() > MOST_BODY ? null : flow(visitor);
        if (flow == null) {
            tunnel.visitors().tally().dropped();
        } else {
            flow.toAgent(body, now());
        }
        body.release();
    }

    private @Nullable Flow flow(InetSocketAddress visitor) {
        Flow flow = flows.get(visitor);
        return flow == null || flow.over() ? open(visitor) : flow;
    }

    private @Nullable Flow open(InetSocketAddress visitor) {
        Visitors visitors = tunnel.visitors();
        AgentSession session = visitors.admits(Addresses.plain(visitor.getAddress()), Addresses.text(visitor))
                ? tunnel.sessions().choose()
                : null;
        if (session == null || !visitors.takePlace(Addresses.text(visitor))) {
            return null;
        }
        if (flows.size() >= MOST_FLOWS && !flows.containsKey(visitor) && !makeRoom()) {
            visitors.leavePlace();
            return null;
        }
        Flow flow = new Flow(this, session, visitor, target, visitors, now());
        flows.put(visitor, flow);
        visitors.enter(flow);
        flow.begin();
        return flow;
    }

    /** Ends, of the flows whose visitors were silent longest, the first that is over or rests; false where none of them does. */
    private boolean makeRoom() {
        long now = now();
        Iterator<Flow> eldest = flows.values().iterator();
        for (int i = 0; i < MOST_LOOKED_AT && eldest.hasNext(); i++) {
            Flow flow = eldest.next();
            if (flow.over() || now - flow.heardAt() >= REST_NANOS) {
                flow.cut();
                eldest.remove();
                return true;
            }
        }
        return false;
    }

    /** Whether a datagram for a visitor would be sent and not dropped; any thread. */
    boolean carries(ByteBuf body) {
        return channel.isWritable() && body.readableBytes() <= MOST_BODY;
    }

    /** A datagram for a visitor, sent by the next {@link #flush}; any thread. The body is taken over. */
    void toVisitor(ByteBuf body, InetSocketAddress visitor) {
        channel.write(new DatagramPacket(body, visitor), channel.voidPromise());
    }

    /** Sends what was written; any thread. */
    void flush() {
        channel.flush();
    }

    /** Which of the tunnel's exposes it is; any thread. */
    int index() {
        return index;
    }

    /** Where visitors' datagrams come to; null once it is closed. Any thread. */
    @Nullable
    InetSocketAddress local() {
        return channel.localAddress();
    }

    private void sweep() {
        long now = now();
        Iterator<Flow> eldest = flows.values().iterator();
        while (eldest.hasNext()) {
            Flow flow = eldest.next();
            if (flow.over() || now - flow.heardAt() >= idleNanos) {
                flow.cut();
                eldest.remove();
            }
        }
    }

    long now() {
        return channel.eventLoop().ticker().nanoTime();
    }

    private final class Receiver extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object packet) {
            received((DatagramPacket) packet);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            // A visitor's "port unreachable" for an earlier answer: its flow rests by itself.
        }
    }
}
