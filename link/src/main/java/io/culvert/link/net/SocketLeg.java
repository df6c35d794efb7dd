package io.culvert.link.net;

import io.culvert.link.relay.CloseReason;
import io.culvert.link.relay.Leg;
import io.culvert.link.relay.LegEvents;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.unix.Socket;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.channels.NotYetConnectedException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A socket as one end of a relay: a visitor's, or a target's. Add it to the pipeline of a channel prepared by {@link Sockets#asLeg}; it
 * reads nothing before {@link #attach}. Lives on the channel's loop.
 *
 * <p>Once both directions have ended, what is left are the last bytes for the far end. They may take as long as they move; where none
 * moved for {@code linger}, the connection is reset: nobody else would ever end it. A peer that has ended and then resets is found out within {@code linger},
 * with epoll's sockets; the JDK's do not tell.
 */
public final class SocketLeg extends ChannelInboundHandlerAdapter implements Leg {
    /** A socket that is connected no more: {@code TCP_CLOSE} of Linux' {@code tcp_states.h}. */
    private static final int TCP_CLOSE = 7;

    private final SocketChannel channel;
    private final Duration linger;
    /** What came before {@link #attach}: epoll reads a connection whose peer has ended, whether or not it was asked to. */
    private final Queue<ByteBuf> early = new ArrayDeque<>(1);

    private @Nullable LegEvents events;
    /** Bytes that left before anybody was attached: whoever wrote them is owed their credit. */
    private int unreported;

    private boolean failed;
    private boolean inputEnded;
    private boolean endWanted;
    private boolean outputEnded;
    private boolean closed;
    private @Nullable ScheduledFuture<?> check;

    /**
     * A leg for this socket.
     *
     * @param linger most time without progress while the last bytes of a connection that has ended both ways are sent, and from one look at a peer that has
     *     ended to the next, at least 1 ms
     */
    public SocketLeg(SocketChannel channel, Duration linger) {
        this.channel = channel;
        this.linger = linger;
    }

    @Override
    public void attach(LegEvents events) {
        assert channel.eventLoop().inEventLoop();
        this.events = events;
        if (unreported > 0) {
            int n = unreported;
            unreported = 0;
            events.sent(n);
        }
        boolean some = !early.isEmpty();
        for (ByteBuf bytes = early.poll(); bytes != null; bytes = early.poll()) {
            events.data(bytes);
        }
        if (some) {
            events.dataComplete();
        }
        if (failed) {
            events.failed(CloseReason.LEFT_RESET);
        } else if (inputEnded && !closed) {
            tellEnd(events);
        } else if (!closed) {
            reading(true);
        }
    }

    @Override
    public void write(ByteBuf bytes) {
        int n = bytes.readableBytes();
        channel.write(bytes).addListener(written -> {
            if (!written.isSuccess() || closed) {
                return;
            }
            LegEvents listener = events;
            if (listener == null) {
                unreported += n;
            } else {
                listener.sent(n);
            }
        });
    }

    @Override
    public void flush() {
        channel.flush();
    }

    @Override
    public boolean writable() {
        return channel.isWritable();
    }

    @Override
    public void reading(boolean on) {
        if (!inputEnded) {
            channel.config().setAutoRead(on);
        }
    }

    @Override
    public void consumed(int bytes) {
        // A socket's credit is the kernel's business.
    }

    @Override
    public void end() {
        if (endWanted || closed) {
            return;
        }
        endWanted = true;
        stopChecking();
        // shutdownOutput drops what is still queued, so FIN waits behind the last byte.
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(flushed -> {
            if (!flushed.isSuccess()) {
                outputShut(false);
            } else if (inputEnded) {
                // Nothing is left to read, so the FIN comes with the close that follows.
                outputShut(true);
            } else {
                shutOutput();
            }
        });
        watchLastBytes();
    }

    /** Sends the FIN. Netty's own way makes an exception with its stack trace each time, 5 to 7 % of a short connection (JFR, perf). */
    private void shutOutput() {
        if (channel instanceof EpollSocketChannel epoll && epoll.fd() instanceof Socket socket) {
            boolean shut = true;
            try {
                socket.shutdown(false, true);
            } catch (IOException | NotYetConnectedException e) {
                // The latter is what Netty makes of a socket that its peer has reset meanwhile.
                shut = false;
            }
            outputShut(shut);
        } else {
            channel.shutdownOutput().addListener(shut -> outputShut(shut.isSuccess()));
        }
    }

    /**
     * Looks after a peer that has ended, while there may still be something for it: Netty hears nothing more of a socket whose input is over, so a reset behind
     * the end would keep the connection for as long as the far end is silent.
     */
    private void watchHalfClosed() {
        if (!closed && !endWanted && channel instanceof EpollSocketChannel epoll) {
            check = channel.eventLoop()
                    .schedule(
                            () -> {
                                if (isGone(epoll)) {
                                    fail();
                                } else {
                                    watchHalfClosed();
                                }
                            },
                            linger.toNanos(),
                            TimeUnit.NANOSECONDS);
        }
    }

    private static boolean isGone(EpollSocketChannel epoll) {
        try {
            return epoll.tcpInfo().state() == TCP_CLOSE;
        } catch (ChannelException e) {
            return true;
        }
    }

    /** Sees to it that the last bytes do not wait for ever. Does nothing while either direction may still carry something new. */
    private void watchLastBytes() {
        if (inputEnded && endWanted && !outputEnded && !closed && check == null) {
            checkLastBytesAgain(unsent());
        }
    }

    private void checkLastBytesAgain(long before) {
        check = channel.eventLoop()
                .schedule(
                        () -> {
                            long left = unsent();
                            if (left < before || kernelSends()) {
                                checkLastBytesAgain(left);
                            } else {
                                fail();
                            }
                        },
                        linger.toNanos(),
                        TimeUnit.NANOSECONDS);
    }

    /** What the kernel has not taken yet; a measure that falls with every byte it takes, not a count of bytes. */
    private long unsent() {
        ChannelOutboundBuffer waiting = channel.unsafe().outboundBuffer();
        return waiting == null ? 0 : waiting.totalPendingWriteBytes() - waiting.currentProgress();
    }

    /**
     * Whether the kernel has sent bytes within the time: it takes none from us until a third of its own buffer is free, which is megabytes
     * that a slow reader may need minutes for. Only epoll's sockets tell; with the others, such a reader counts as one that does not read.
     */
    private boolean kernelSends() {
        try {
            return channel instanceof EpollSocketChannel epoll
                    && epoll.tcpInfo().lastDataSent() < linger.toMillis();
        } catch (ChannelException e) {
            return false;
        }
    }

    private void outputShut(boolean properly) {
        if (properly) {
            outputEnded = true;
            closeIfBothEnded();
        } else {
            // Bytes were left behind: that must not pass for an end.
            fail();
        }
    }

    @Override
    public void reset() {
        if (closed) {
            return;
        }
        closed = true;
        events = null;
        stopChecking();
        for (ByteBuf bytes = early.poll(); bytes != null; bytes = early.poll()) {
            bytes.release();
        }
        // Sockets.asLeg has set zero linger: this is a RST.
        channel.close();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object bytes) {
        LegEvents listener = events;
        if (closed || !(bytes instanceof ByteBuf payload)) {
            ReferenceCountUtil.release(bytes);
        } else if (listener == null) {
            early.add(payload);
        } else {
            listener.data(payload);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        LegEvents listener = events;
        if (listener != null) {
            listener.dataComplete();
            // Netty tells of the end next, but first it shuts the input of a connection that is over, and makes an
            // exception, with its trace, of the failure: 4 % of a server's processor time with new connections (perf).
            if (outputEnded && channel.unsafe().recvBufAllocHandle().lastBytesRead() < 0) {
                peerEnded(listener);
            }
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE) {
            // Otherwise epoll reports the end of input again: one needless turn of the loop.
            channel.config().setAutoRead(false);
            peerEnded(events);
        }
    }

    private void peerEnded(@Nullable LegEvents listener) {
        if (closed || inputEnded) {
            return;
        }
        inputEnded = true;
        if (listener != null) {
            tellEnd(listener);
        }
    }

    private void tellEnd(LegEvents listener) {
        listener.ended();
        closeIfBothEnded();
        watchLastBytes();
        watchHalfClosed();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        LegEvents listener = events;
        if (listener != null && channel.isWritable()) {
            listener.writable();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fail();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        fail();
    }

    private void stopChecking() {
        ScheduledFuture<?> running = check;
        if (running != null) {
            running.cancel(false);
            check = null;
        }
    }

    private void closeIfBothEnded() {
        if (inputEnded && outputEnded && !closed) {
            closed = true;
            events = null;
            stopChecking();
            if (channel.isOpen()) {
                // Both FINs are on their way: an ordinary close.
                channel.config().setSoLinger(-1);
            }
            channel.close();
        }
    }

    private void fail() {
        if (closed || failed) {
            return;
        }
        failed = true;
        LegEvents listener = events;
        reset();
        if (listener != null) {
            listener.failed(CloseReason.LEFT_RESET);
        }
    }
}
