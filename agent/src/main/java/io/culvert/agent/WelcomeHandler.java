package io.culvert.agent;

import io.culvert.link.agent.AgentMessage;
import io.culvert.link.agent.AgentMessage.Refused;
import io.culvert.link.agent.MessageCodec;
import io.culvert.link.bytes.MalformedException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Says hello once TLS stands, hears the answer within its deadline, and makes way for the session. Lives on the channel's loop; tells its
 * owner exactly one of the three outcomes.
 */
final class WelcomeHandler extends ByteToMessageDecoder {
    /** From the connection to the answer, TLS included; longer than the server's own deadline, so that its answer is heard. */
    static final Duration DEADLINE = Duration.ofSeconds(15);

    /** Who waits for the answer. */
    interface Owner {
        /** The answer that was hoped for; where it is a welcome, the session may begin: put its handler in the place of this one. */
        void accepted(ChannelHandlerContext ctx, AgentMessage answer);

        /** The server said no. */
        void refused(Refused refused);

        /** There was no answer. */
        void failed(String why);
    }

    private final AgentMessage question;
    private final Class<? extends AgentMessage> hoped;
    private final Owner owner;
    private @Nullable ScheduledFuture<?> deadline;
    private boolean answered;

    /**
     * Asks one question.
     *
     * @param hoped the answer beside {@link Refused} that fits it
     */
    WelcomeHandler(AgentMessage question, Class<? extends AgentMessage> hoped, Owner owner) {
        this.question = question;
        this.hoped = hoped;
        this.owner = owner;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        // Added before the channel is registered and connected; Netty calls this once it has its loop.
        deadline = ctx.executor()
                .schedule(
                        () -> fail(ctx, "no answer within " + DEADLINE.toSeconds() + " s"),
                        DEADLINE.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) {
        stopClock();
    }

    private void stopClock() {
        ScheduledFuture<?> timer = deadline;
        if (timer != null) {
            timer.cancel(false);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            if (handshake.isSuccess()) {
                ctx.writeAndFlush(MessageCodec.encode(question, ctx.alloc()), ctx.voidPromise());
            } else {
                fail(ctx, "TLS: " + refusal(handshake.cause()));
            }
        }
    }

    /**
     * What a handshake failed by: our own judgement of the certificate, which OpenSSL wraps in words that say nothing; that the other side is
     * none of TLS, as a port of HTTP is, or leaves, as one of a tunnel's stock clients may; or what OpenSSL says itself.
     */
    private static String refusal(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException) {
                return Dialer.reason(cause);
            }
            if (cause instanceof NotSslRecordException) {
                return "what listens there does not speak TLS (expected: the server's port for agents, its --bridge)";
            }
            if (cause instanceof ClosedChannelException) {
                return "the server closed the connection";
            }
        }
        return Dialer.reason(failure);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        AgentMessage message = MessageCodec.decode(in);
        if (message == null) {
            return;
        }
        if (answered) {
            return;
        }
        if (hoped.isInstance(message)) {
            answered = true;
            owner.accepted(ctx, message);
        } else if (message instanceof Refused refused) {
            answered = true;
            ctx.close();
            owner.refused(refused);
        } else {
            throw new MalformedException("a " + message.getClass().getSimpleName() + " from the server (expected: "
                    + hoped.getSimpleName() + " or Refused)");
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        super.channelInactive(ctx);
        fail(ctx, "the server closed the connection");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // A decoder's exception is wrapped, and its own message names classes.
        fail(ctx, Dialer.reason(cause.getCause() == null ? cause : cause.getCause()));
    }

    private void fail(ChannelHandlerContext ctx, String why) {
        stopClock();
        if (!answered) {
            answered = true;
            ctx.close();
            owner.failed(why);
        }
    }
}
