package io.culvert.agent;

import io.culvert.link.agent.ProbeAnswer;
import io.culvert.link.net.StreamLeg;
import io.culvert.link.relay.CloseReason;
import io.culvert.link.relay.LegEvents;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Dials a target as for a visitor, hangs up, and tells the server how it went. Lives on the session's loop. */
final class TargetProbe {
    /** How long the server may take to end a stream that was answered. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final long MOST_MICROS = 0xFFFF_FFFFL;

    private final StreamLeg stream;
    private final EventLoop loop;
    private final Dialer dialer;
    private final ByteBufAllocator alloc;
    private final long began;

    TargetProbe(StreamLeg stream, EventLoop loop, Dialer dialer, ByteBufAllocator alloc) {
        this.stream = stream;
        this.loop = loop;
        this.dialer = dialer;
        this.alloc = alloc;
        this.began = loop.ticker().nanoTime();
    }

    /**
     * Answers, now or once the dial has come to its end.
     *
     * @param udp whether datagrams would be sent there; then all that can be told is that the name has an address
     * @param allowed whether the agent's own allow-list has the target
     */
    void answer(Address target, boolean udp, boolean allowed) {
        if (!allowed) {
            tell(false, "not allowed " + target + ": it is not in the agent's allow-list");
            return;
        }
        CompletionStage<? extends Channel> dialled = udp
                ? dialer.dialUdp(target, loop)
                : dialer.dial(target, loop, channel -> channel.config().setAutoRead(false));
        dialled.whenComplete((channel, failure) -> {
            if (failure == null) {
                channel.close();
                tell(true, "ok");
            } else {
                tell(false, text(target, failure));
            }
        });
    }

    private void tell(boolean ok, String text) {
        long micros = TimeUnit.NANOSECONDS.toMicros(loop.ticker().nanoTime() - began);
        // Somebody must hear the server's end of the stream, and drop what it may send.
        stream.attach(new Deaf());
        stream.write(new ProbeAnswer(ok, Math.min(MOST_MICROS, Math.max(0, micros)), cut(text)).encode(alloc));
        stream.endWithin(PATIENCE);
    }

    /** What may be sent: a name can be in any script, and messages of the system long. */
    private static String cut(String text) {
        StringBuilder printable = new StringBuilder();
        for (int at = 0; at < Math.min(text.length(), ProbeAnswer.MAX_TEXT); at++) {
            char c = text.charAt(at);
            printable.append(c < ' ' || c > '~' ? '?' : c);
        }
        return printable.toString();
    }

    /** Why a visitor would be reset, in few words. */
    static String text(Address target, Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = next(cause)) {
            if (cause instanceof ConnectTimeoutException || cause instanceof TimeoutException) {
                return "timed out " + target;
            }
            if (cause instanceof NoRouteToHostException) {
                return "no route to " + target;
            }
            if (cause instanceof UnknownHostException) {
                return "no such host " + target.host();
            }
            if (cause instanceof ConnectException
                    && String.valueOf(cause.getMessage()).contains("refused")) {
                return "refused " + target;
            }
        }
        return "failed " + target + ": " + Dialer.reason(failure);
    }

    private static @Nullable Throwable next(Throwable failure) {
        Throwable cause = failure.getCause();
        return cause == failure ? null : cause;
    }

    /** Wants nothing of the server but the stream's end. */
    private final class Deaf implements LegEvents {
        @Override
        public void data(ByteBuf bytes) {
            stream.consumed(bytes.readableBytes());
            bytes.release();
        }

        @Override
        public void dataComplete() {
            // Nothing to flush.
        }

        @Override
        public void ended() {
            // As expected.
        }

        @Override
        public void failed(CloseReason reason) {
            // Likewise.
        }

        @Override
        public void writable() {
            // The answer is all that is ever written.
        }

        @Override
        public void sent(int bytes) {
            // Nobody waits for it.
        }
    }
}
