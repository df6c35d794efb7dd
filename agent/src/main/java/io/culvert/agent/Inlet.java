package io.culvert.agent;

import io.culvert.link.agent.DatagramFrame;
import io.culvert.link.agent.StreamHead;
import io.culvert.link.net.DatagramStream;
import io.culvert.link.net.HeadReader;
import io.culvert.link.net.SocketLeg;
import io.culvert.link.net.Sockets;
import io.culvert.link.net.StreamLeg;
import io.culvert.link.relay.Relay;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A stream on its way to its target: reads the head, checks it against the agent's own allow-list, dials, and joins the two. A target
 * that cannot be had is told by RST. Lives on the session's loop.
 */
final class Inlet {
    private static final Logger log = LoggerFactory.getLogger(Inlet.class);

    private final StreamLeg stream;
    private final EventLoop loop;
    private final Dialer dialer;
    private final Set<Address> allow;
    private final Duration linger;
    private final ByteBufAllocator alloc;
    private final SparseLog refusals;
    private final SparseLog failures;
    /** Nobody waits for the target any more. */
    private boolean lost;

    private @Nullable SocketChannel connecting;

    /**
     * A stream's.
     *
     * @param refusals what this agent does not do for the server is told there; shared by all inlets of a keeper
     * @param failures targets that cannot be had are told there; shared likewise
     */
    Inlet(
            StreamLeg stream,
            EventLoop loop,
            Dialer dialer,
            Set<Address> allow,
            Duration linger,
            ByteBufAllocator alloc,
            SparseLog refusals,
            SparseLog failures) {
        this.stream = stream;
        this.loop = loop;
        this.dialer = dialer;
        this.allow = allow;
        this.linger = linger;
        this.alloc = alloc;
        this.refusals = refusals;
        this.failures = failures;
    }

    void begin() {
        HeadReader.read(
                stream,
                alloc,
                StreamHead::decode,
                this::opened,
                why -> refusals.tell("the server sent a stream head that is none: " + why));
    }

    private void opened(StreamHead head) {
        boolean udp = head.target().startsWith(DatagramFrame.TARGET_PREFIX);
        Address target;
        try {
            target = Address.parse(udp ? head.target().substring(DatagramFrame.TARGET_PREFIX.length()) : head.target());
        } catch (IllegalArgumentException e) {
            refusals.tell("the server named a target that is none: " + e.getMessage());
            stream.reset();
            return;
        }
        boolean allowed = allow.isEmpty() || allow.contains(target);
        if (head.probe()) {
            new TargetProbe(stream, loop, dialer, alloc).answer(target, udp, allowed);
        } else if (!allowed) {
            refusals.tell("refused " + target + ": not in this agent's allow-list (visitor " + head.visitor() + ")");
            stream.reset();
        } else if (udp) {
            dialUdp(target, head.visitor());
        } else {
            dial(target, head.visitor());
        }
    }

    private void dial(Address target, String visitor) {
        stream.onLoss(this::giveUp);
        dialer.dial(target, loop, channel -> {
                    if (lost) {
                        throw new CancellationException("the visitor is gone");
                    }
                    connecting = channel;
                    Sockets.asLeg(channel);
                    channel.pipeline().addLast(new SocketLeg(channel, linger));
                })
                .whenComplete((channel, failure) -> {
                    if (lost) {
                        return;
                    }
                    if (failure == null) {
                        log.debug("visitor {} reaches {}", visitor, target);
                        Relay.join(stream, channel.pipeline().get(SocketLeg.class), Uncounted.TRAFFIC, reason -> {});
                    } else {
                        refused(visitor, failure);
                    }
                });
    }

    /** Ends the dial with its visitor, who is gone, or whose session is. A target that does not answer would otherwise collect sockets. */
    private void giveUp() {
        lost = true;
        // A loop that ends closes its sockets itself.
        if (!loop.isShuttingDown()) {
            // Behind this turn: a socket that was made in it may not be registered yet, and could not be closed.
            loop.execute(() -> {
                SocketChannel channel = connecting;
                if (channel != null) {
                    channel.close();
                }
            });
        }
    }

    private void dialUdp(Address target, String visitor) {
        dialer.dialUdp(target, loop).whenComplete((channel, failure) -> {
            if (failure == null) {
                log.debug("visitor {} reaches {} by UDP", visitor, target);
                UdpTarget datagrams = new UdpTarget(channel);
                datagrams.serve(DatagramStream.over(stream, alloc, DatagramStream.OWN, datagrams));
            } else {
                refused(visitor, failure);
            }
        });
    }

    private void refused(String visitor, Throwable failure) {
        failures.tell("visitor " + visitor + " was reset: " + Dialer.reason(failure));
        stream.reset();
    }

    /** The agent counts no bytes: the server does. */
    private enum Uncounted implements Relay.Traffic {
        TRAFFIC;

        @Override
        public void forth(int bytes) {}

        @Override
        public void back(int bytes) {}
    }
}
