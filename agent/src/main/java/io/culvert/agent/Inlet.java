package io.culvert.agent;

import io.culvert.link.agent.StreamHead;
import io.culvert.link.bytes.MalformedException;
import io.culvert.link.net.SocketLeg;
import io.culvert.link.net.Sockets;
import io.culvert.link.net.StreamLeg;
import io.culvert.link.relay.CloseReason;
import io.culvert.link.relay.LegEvents;
import io.culvert.link.relay.Relay;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A stream on its way to its target: reads the head, checks it against the agent's own allow-list, dials, and joins the two. A target
 * that cannot be had is told by RST. Lives on the session's loop.
 */
final class Inlet implements LegEvents {
    private static final Logger log = LoggerFactory.getLogger(Inlet.class);

    private final StreamLeg stream;
    private final EventLoop loop;
    private final Dialer dialer;
    private final Set<Address> allow;
    private final ByteBufAllocator alloc;
    private @Nullable ByteBuf head;

    Inlet(StreamLeg stream, EventLoop loop, Dialer dialer, Set<Address> allow, ByteBufAllocator alloc) {
        this.stream = stream;
        this.loop = loop;
        this.dialer = dialer;
        this.allow = allow;
        this.alloc = alloc;
    }

    @Override
    public void data(ByteBuf bytes) {
        ByteBuf sofar = head;
        // Flattened: a head that comes byte by byte shall not become a thousand boxes in one another.
        ByteBuf all = sofar == null
                ? bytes
                : alloc.compositeBuffer(StreamHead.MAX_REST)
                        .addFlattenedComponents(true, sofar)
                        .addFlattenedComponents(true, bytes);
        head = null;
        int before = all.readableBytes();
        StreamHead read;
        try {
            read = StreamHead.decode(all);
            if (read != null) {
                Address target = Address.parse(read.target());
                stream.consumed(before - all.readableBytes());
                stream.detach(all);
                dial(target, read.visitor());
                return;
            }
        } catch (MalformedException | IllegalArgumentException e) {
            log.warn("the server sent a stream head that is none: {}", e.getMessage());
            all.release();
            stream.reset();
            return;
        }
        head = all;
    }

    private void dial(Address target, String visitor) {
        if (!allow.isEmpty() && !allow.contains(target)) {
            log.warn("refused {}: not in this agent's allow-list (visitor {})", target, visitor);
            stream.reset();
            return;
        }
        dialer.dial(target, loop, channel -> {
                    Sockets.asLeg(channel);
                    channel.pipeline().addLast(new SocketLeg(channel));
                })
                .whenComplete((channel, failure) -> {
                    if (failure == null) {
                        log.debug("visitor {} reaches {}", visitor, target);
                        Relay.join(stream, channel.pipeline().get(SocketLeg.class), Uncounted.TRAFFIC, reason -> {});
                    } else {
                        log.info("visitor {} was reset: {}", visitor, Dialer.reason(failure));
                        stream.reset();
                    }
                });
    }

    @Override
    public void dataComplete() {
        // The head is looked at as it comes.
    }

    @Override
    public void ended() {
        drop();
        stream.reset();
    }

    @Override
    public void failed(CloseReason reason) {
        drop();
    }

    @Override
    public void writable() {
        // Nothing is written before the target answers.
    }

    @Override
    public void sent(int bytes) {
        // Likewise.
    }

    private void drop() {
        ByteBuf sofar = head;
        head = null;
        if (sofar != null) {
            sofar.release();
        }
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
