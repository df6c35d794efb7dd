package io.culvert.gateway.engine;

import io.culvert.gateway.Admission;
import io.culvert.gateway.AgentDoor;
import io.culvert.link.agent.AgentMessage;
import io.culvert.link.agent.AgentMessage.Hello;
import io.culvert.link.agent.AgentMessage.Refused;
import io.culvert.link.agent.AgentMessage.Renew;
import io.culvert.link.agent.AgentMessage.Renewed;
import io.culvert.link.agent.AgentMessage.Welcome;
import io.culvert.link.agent.Farewell;
import io.culvert.link.agent.MessageCodec;
import io.culvert.link.agent.ProgramName;
import io.culvert.link.agent.RefusalCode;
import io.culvert.link.agent.UnknownVersionException;
import io.culvert.link.bytes.MalformedException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears one hello within its deadline, asks the {@link AgentDoor}, and makes way for the session; or hears that a credential is to be
 * renewed, answers and closes. Lives on the channel's loop.
 *
 * <pre>
 *   session's loop        any thread        tunnel's home loop       session's loop        home loop
 *   hello ──────────────> door.admit ─────> epoch, or occupied ────> welcome, mux ───────> enter (older ones leave)
 * </pre>
 */
final class HelloHandler extends ByteToMessageDecoder {
    private static final Logger log = LoggerFactory.getLogger(HelloHandler.class);
    private static final String SERVER = ProgramName.of("culvert");

    private final AgentDoor door;
    private final LongFunction<@Nullable LiveTunnel> tunnels;
    private final GatewaySettings settings;
    private final Stranger stranger;
    private boolean asked;
    /** The tunnel's count as it was before the question whether this agent may come in. */
    private int revocations;

    HelloHandler(
            AgentDoor door, LongFunction<@Nullable LiveTunnel> tunnels, GatewaySettings settings, Stranger stranger) {
        this.door = door;
        this.tunnels = tunnels;
        this.settings = settings;
        this.stranger = stranger;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (asked) {
            // A correct agent waits for its welcome;
            // a few early bytes are kept for the session, more are a stranger's flood.
            if (in.readableBytes() > MessageCodec.MAX_BODY) {
                throw new MalformedException("bytes before the welcome: " + in.readableBytes());
            }
            return;
        }
        AgentMessage message;
        try {
            message = MessageCodec.decode(in);
        } catch (UnknownVersionException e) {
            asked = true;
            refuse(ctx, RefusalCode.VERSION, "the server speaks version " + MessageCodec.VERSION + " of the protocol");
            return;
        }
        if (message == null) {
            return;
        }
        asked = true;
        if (!(ctx.channel().remoteAddress() instanceof InetSocketAddress remote)) {
            // It has gone already.
            ctx.close();
            return;
        }
        InetAddress from = remote.getAddress();
        if (message instanceof Hello hello) {
            LiveTunnel claimed = tunnels.apply(hello.tunnelId());
            revocations = claimed == null ? 0 : claimed.sessions().grantRevocations();
            door.admit(from, hello.tunnelId(), hello.secret(), hello.credential())
                    .whenComplete((admission, failure) ->
                            ctx.executor().execute(() -> answer(ctx, hello, admission, failure)));
        } else if (message instanceof Renew renew) {
            door.renew(from, renew.tunnelId(), renew.credential(), renew.next())
                    .whenComplete((admission, failure) ->
                            ctx.executor().execute(() -> renewed(ctx, renew.tunnelId(), admission, failure)));
        } else {
            throw new MalformedException("a " + message.getClass().getSimpleName() + " (expected: Hello or Renew)");
        }
    }

    private void renewed(
            ChannelHandlerContext ctx, long tunnel, @Nullable Admission admission, @Nullable Throwable failure) {
        if (!ctx.channel().isActive()) {
            return;
        }
        if (admission instanceof Admission.Admitted admitted
                && admitted.renewIn().isPresent()) {
            ctx.writeAndFlush(MessageCodec.encode(
                            new Renewed(millis(admitted.renewIn().get())), ctx.alloc()))
                    .addListener(ChannelFutureListener.CLOSE);
        } else {
            refuse(ctx, tunnel, admission, failure);
        }
    }

    /** Whole milliseconds, as they are sent. */
    private static Duration millis(Duration time) {
        return Duration.ofMillis(Math.max(1, time.toMillis()));
    }

    private static void refuse(
            ChannelHandlerContext ctx, long tunnel, @Nullable Admission admission, @Nullable Throwable failure) {
        if (admission instanceof Admission.Refused refused) {
            refuse(ctx, refused.retry() ? RefusalCode.TRY_LATER : RefusalCode.BAD_TOKEN, refused.text());
        } else {
            log.warn("could not decide on an agent of tunnel {}", tunnel, failure);
            refuse(ctx, RefusalCode.TRY_LATER, "the server cannot decide at the moment");
        }
    }

    private void answer(
            ChannelHandlerContext ctx, Hello hello, @Nullable Admission admission, @Nullable Throwable failure) {
        if (!ctx.channel().isActive()) {
            return;
        }
        if (admission instanceof Admission.Admitted admitted) {
            LiveTunnel tunnel = tunnels.apply(admitted.tunnelId());
            if (tunnel == null) {
                refuse(ctx, RefusalCode.TRY_LATER, "the tunnel's ports are not open at the moment");
            } else {
                tunnel.home().execute(() -> offer(ctx, hello, admitted, tunnel));
            }
        } else {
            refuse(ctx, hello.tunnelId(), admission, failure);
        }
    }

    /** On the tunnel's home loop. */
    private void offer(ChannelHandlerContext ctx, Hello hello, Admission.Admitted admitted, LiveTunnel tunnel) {
        boolean occupied = hello.standby() && tunnel.sessions().servedByOther(hello.instance());
        long epoch = occupied ? 0 : tunnel.sessions().nextEpoch();
        ctx.executor().execute(() -> {
            if (occupied) {
                refuse(ctx, RefusalCode.OCCUPIED, "another agent serves the tunnel");
            } else if (epoch == 0) {
                // Whether for good, the door knows: a tunnel also ends here when the server stops, and is back with it.
                refuse(ctx, RefusalCode.TRY_LATER, "the tunnel is ending");
            } else {
                welcome(ctx, hello, admitted, tunnel, epoch);
            }
        });
    }

    private void welcome(
            ChannelHandlerContext ctx, Hello hello, Admission.Admitted admitted, LiveTunnel tunnel, long epoch) {
        if (!ctx.channel().isActive()) {
            return;
        }
        OwnSession session = new OwnSession(tunnel, ctx.channel(), hello, admitted.grant(), epoch, settings.liveness());
        ctx.writeAndFlush(
                MessageCodec.encode(
                        new Welcome(
                                epoch,
                                settings.liveness().every(),
                                SERVER,
                                admitted.renewIn().map(HelloHandler::millis)),
                        ctx.alloc()),
                ctx.voidPromise());
        // Ahead of the session's first byte: if that byte ends it, the tunnel hears of its leaving behind its coming.
        tunnel.home().execute(() -> {
            if (tunnel.sessions().grantRevocations() == revocations) {
                tunnel.sessions().enter(session);
            } else {
                session.end(Farewell.NORMAL, Sessions.TOKEN_REVOKED);
            }
        });
        stranger.known();
        ctx.pipeline().addAfter(ctx.name(), "mux", session.mux());
        ctx.pipeline().remove(this);
    }

    private static void refuse(ChannelHandlerContext ctx, RefusalCode code, String text) {
        ctx.writeAndFlush(MessageCodec.encode(new Refused(code, text), ctx.alloc()))
                .addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        log.debug("a stranger at {} was turned away: {}", ctx.channel().remoteAddress(), cause.toString());
        ctx.close();
    }
}
