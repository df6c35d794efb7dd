package io.culvert.gateway.engine;

import io.culvert.gateway.Target;
import io.culvert.link.net.SocketLeg;
import io.culvert.link.net.Sockets;
import io.culvert.link.relay.Leg;
import io.culvert.link.relay.Relay;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One visitor's connection, from accept to its last byte. It is registered on the loop of the session that carries it, and lives there.
 */
final class Visitor {
    private final SocketChannel channel;
    private final SocketLeg leg;
    private final Target target;
    private @Nullable Relay relay;

    Visitor(SocketChannel channel, Target target, Duration linger) {
        this.channel = channel;
        this.target = target;
        this.leg = new SocketLeg(channel, linger);
        Sockets.asLeg(channel);
        channel.pipeline().addLast(leg);
    }

    /** Puts the visitor on a session's loop and its bytes on a stream of that session. On the session's loop. */
    void ride(AgentSession session, Relay.Traffic traffic) {
        session.loop().register(channel);
        if (!channel.isActive()) {
            // The visitor left between accept and now.
            leg.reset();
            return;
        }
        Leg stream = session.connect(target, text(channel.remoteAddress()));
        if (stream == null) {
            leg.reset();
            return;
        }
        relay = Relay.join(leg, stream, traffic, reason -> {});
    }

    /** Turns the visitor away by RST before any session took it. On the tunnel's home loop. */
    void refuse() {
        channel.unsafe().closeForcibly();
    }

    /** Breaks the connection off by RST. Any thread; does nothing to a visitor that no session took yet. */
    void cut() {
        if (!channel.isRegistered()) {
            return;
        }
        EventLoop loop = channel.eventLoop();
        if (!loop.inEventLoop()) {
            loop.execute(this::cut);
            return;
        }
        Relay current = relay;
        if (current == null) {
            leg.reset();
        } else {
            current.cut();
        }
    }

    /** An address as heads of streams have it. */
    static String text(@Nullable InetSocketAddress address) {
        if (address == null) {
            return "unknown";
        }
        String host = address.getAddress().getHostAddress();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
    }
}
