package io.culvert.link.net;

import io.culvert.link.yamux.Yamux;
import io.culvert.link.yamux.YamuxEvents;
import io.culvert.link.yamux.YamuxLimits;
import io.culvert.link.yamux.YamuxStream;
import io.culvert.link.yamux.YamuxViolation;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A yamux session on a channel: turns reads into events and events into writes, watches the peer's pulse, and is the one door through
 * which a session ends ({@link #end}). Lives on the channel's loop, except where a method says otherwise.
 *
 * <p>Writes of all streams are gathered: whoever wants to send says {@link #wantFlush}, and once every ready socket of this turn of the
 * loop has been read, or earlier where enough has gathered, one pump fills one flush. What the peer does not wait for, an ACK or the end of a
 * stream that is over, goes with the next pump, or has one of its own {@value #PATIENCE_MILLIS} ms later.
 */
public final class Mux extends ChannelInboundHandlerAdapter {
    /** Bytes given to TLS and the socket at a time. */
    private static final int PUMP_BUDGET = 256 * 1024;
    /** What may wait to be sent before the peer counts as not reading at all: answers to pings are not bounded by credit. */
    private static final long MAX_UNSENT = 8L * 1024 * 1024;
    /** More than a pump and what the socket has to itself, in bytes: only answers to pings and the like come to as much. */
    private static final long MOST_FOR_STREAMS = 1024 * 1024;
    /** By how much what waits has to change to be told, in bytes. */
    private static final long UNSENT_STEP = 64 * 1024;

    /**
     * Bytes of answers given while reading that may gather before they are put into TLS records: one read may bring a third of a million
     * pings, and their answers cost twenty times their bytes as long as they are buffers of their own.
     */
    private static final int MOST_ANSWERS = 64 * 1024;
    /**
     * What a frame that nobody waits for is given to travel with others: alone it costs a TLS record and a system call, and a wake-up of the
     * other end.
     */
    private static final long PATIENCE_MILLIS = 1;
    /** What a peer is given to leave by itself. */
    private static final long LEAVE_SECONDS = 3;

    private final Yamux yamux;
    private final Liveness liveness;
    private final MuxEvents owner;
    private final Channel channel;
    private final MemoryBudget.Account account;
    private final List<StreamLeg> touched = new ArrayList<>();
    private @Nullable ChannelHandlerContext ctx;
    private @Nullable ScheduledFuture<?> pulse;
    private @Nullable ScheduledFuture<?> silence;
    private @Nullable ScheduledFuture<?> patience;
    private boolean pumpWanted;
    private boolean pumping;
    /** Something was written that the peer waits for, and not flushed yet. */
    private boolean awaited;
    /** What waited behind the last pump. */
    private long leftBehind;
    /** What the streams hold, and what waits for the socket behind them, as it was last told. */
    private long held;

    private long unsent;

    private long heardAt;
    private long pingAt;
    private int pingValue;
    private boolean receiving;
    private int answered;
    private boolean over;
    private volatile long roundTripNanos = -1;

    /**
     * A session for a channel whose pipeline it will be added to.
     *
     * @param role the side that this end plays in yamux
     * @param memory what it shares with the other sessions of the process
     */
    public Mux(
            Channel channel,
            Yamux.Role role,
            YamuxLimits limits,
            Liveness liveness,
            MemoryBudget.Share memory,
            MuxEvents owner) {
        this.channel = channel;
        this.account = memory.open(() -> channel.eventLoop().execute(this::shed));
        this.yamux = new Yamux(role, limits, channel.alloc(), new FromYamux());
        this.liveness = liveness;
        this.owner = owner;
    }

    /** Opens a stream; null where the session is over, full, or being left by the peer. */
    public @Nullable StreamLeg open() {
        assert inEventLoop();
        if (over) {
            return null;
        }
        YamuxStream stream = yamux.open(now());
        if (stream == null) {
            return null;
        }
        wantFlushNextTurn();
        return new StreamLeg(this, stream);
    }

    /** True once no further stream can ever be opened on this session. */
    public boolean idsUsedUp() {
        return yamux.idsUsedUp();
    }

    /** Open streams. */
    public int streams() {
        return yamux.streams();
    }

    /** The last measured round trip in nanoseconds, -1 before the first; any thread. */
    public long roundTripNanos() {
        return roundTripNanos;
    }

    /**
     * Ends the session: the peer is told the code, every stream is reset, the channel closes. Repeating it does nothing.
     *
     * @param code the go-away code for the peer
     * @param why for the log and for {@link MuxEvents#closed}
     */
    public void end(int code, String why) {
        end(code, why, false);
    }

    /**
     * As {@link #end}, for a peer that leaves by itself when it is told the code: that is waited for, three seconds at most, and whatever the peer still says is
     * dropped. Who closes a socket with something unread in it, or before the peer has said its last, has the kernel throw away what it had still to send, and the code
     * stands at the very end of that (RFC 1122, 4.2.2.13).
     */
    public void dismiss(int code, String why) {
        end(code, why, true);
    }

    private void end(int code, String why, boolean leaves) {
        assert inEventLoop();
        if (over) {
            return;
        }
        over = true;
        tellHeld();
        stop(pulse);
        stop(silence);
        stop(patience);
        yamux.close();
        if (channel.isActive()) {
            // Where the peer does not take its goodbye, TLS closes the channel only three seconds later. Whatever the
            // peer sends in that time is of use to nobody, unless it is to leave by itself: then it has to be read.
            channel.config().setAutoRead(leaves);
            yamux.goAway(code);
            flush();
            if (leaves) {
                ScheduledFuture<?> late =
                        channel.eventLoop().schedule(() -> channel.close(), LEAVE_SECONDS, TimeUnit.SECONDS);
                channel.closeFuture().addListener(closed -> late.cancel(false));
            } else {
                channel.close();
            }
        }
        owner.closed(why);
    }

    /**
     * Ends the streams that hold most, up to half of what the session holds, for the sake of the others' memory; the session where it is the peer's not reading
     * that holds most, or all.
     */
    private void shed() {
        boolean ended = false;
        try {
            checkUnsent();
            if (over || !account.mustShed()) {
                return;
            }
            // Where no stream holds anything that matters, what waits is all there is to end.
            long tolerable = held == 0 ? UNSENT_STEP : MOST_FOR_STREAMS;
            if (unsent > tolerable && unsent > held) {
                end(1, "the peer does not read, and memory is short: " + unsent + " bytes wait");
                ended = true;
            } else {
                // One at a time would be one for each turn of the loop,
                // in which a hundred visitors may bring more than it frees.
                long enough = held / 2;
                do {
                    ended = yamux.shed();
                } while (ended && held > enough && account.mustShed());
            }
        } finally {
            account.shed(!ended);
        }
    }

    private void tellHeld() {
        account.hold(over ? 0 : held + unsent);
    }

    private static void stop(@Nullable ScheduledFuture<?> timer) {
        if (timer != null) {
            timer.cancel(false);
        }
    }

    boolean over() {
        return over;
    }

    boolean inEventLoop() {
        return channel.eventLoop().inEventLoop();
    }

    long now() {
        return channel.eventLoop().ticker().nanoTime();
    }

    void after(Duration delay, Runnable action) {
        channel.eventLoop().schedule(action, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    void touch(StreamLeg leg) {
        if (!leg.touched) {
            leg.touched = true;
            touched.add(leg);
        }
    }

    /** Asks for a pump behind everything that is ready in this turn of the loop. */
    void wantFlush() {
        if (!pumpWanted && !over) {
            pumpWanted = true;
            channel.eventLoop().execute(this::wantedPump);
        }
    }

    /** Asks for a pump in the next turn, which begins at once: most visitors' first bytes are there by then, and travel with the SYN. */
    private void wantFlushNextTurn() {
        if (!pumpWanted && !over) {
            pumpWanted = true;
            channel.eventLoop().schedule(this::wantedPump, 0, TimeUnit.NANOSECONDS);
        }
    }

    private void wantedPump() {
        pumpWanted = false;
        pump();
    }

    /** Asks for a pump where there is something that the peer waits for. */
    void flushAwaited() {
        if (awaited || yamux.wantsToSend()) {
            wantFlush();
        }
    }

    /** Asks for a pump within {@value #PATIENCE_MILLIS} ms, where none comes sooner. */
    private void wantFlushSoon() {
        if (!pumpWanted && patience == null && !over) {
            patience = channel.eventLoop()
                    .schedule(
                            () -> {
                                patience = null;
                                wantFlush();
                            },
                            PATIENCE_MILLIS,
                            TimeUnit.MILLISECONDS);
        }
    }

    /**
     * As {@link #wantFlush}, behind a burst of bytes. Where as many have come since the last pump as fill one they go at once: at the end of the turn other sockets'
     * bytes would have driven them out of the processor's cache, and only then they would be encrypted. What the last pump had to leave, to slow
     * readers, does not count: it would have each small burst behind it sent by itself.
     */
    void wantFlushOfBurst() {
        if (yamux.queued() - leftBehind >= PUMP_BUDGET && channel.isWritable() && !receiving && !pumping) {
            pump();
        } else {
            wantFlush();
        }
    }

    private void pump() {
        if (over) {
            return;
        }
        stop(patience);
        patience = null;
        pumping = true;
        try {
            int sent;
            do {
                sent = channel.isWritable() ? yamux.pump(PUMP_BUDGET) : 0;
                flush();
            } while (sent > 0 && yamux.wantsToSend());
        } finally {
            pumping = false;
        }
        leftBehind = yamux.queued();
        checkUnsent();
    }

    private void checkUnsent() {
        ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
        long waits = buffer == null ? 0 : buffer.totalPendingWriteBytes();
        if (Math.abs(waits - unsent) >= UNSENT_STEP) {
            unsent = waits;
            tellHeld();
        }
        if (waits > MAX_UNSENT) {
            end(1, "the peer does not read: " + waits + " bytes wait");
        }
    }

    private void flush() {
        ChannelHandlerContext context = ctx;
        awaited = false;
        if (context != null) {
            context.flush();
        }
    }

    // ---- from the channel
    // ---------------------------------------------------------------------------------------------------------

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        ctx = context;
        heardAt = now();
        long every = liveness.every().toNanos();
        pulse = channel.eventLoop().scheduleAtFixedRate(this::ping, 0, every, TimeUnit.NANOSECONDS);
        checkSilence();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        try {
            if (!over && message instanceof ByteBuf bytes) {
                heardAt = now();
                receiving = true;
                yamux.receive(bytes, heardAt);
            }
        } catch (YamuxViolation violation) {
            end(1, "the peer broke the protocol: " + violation.getMessage());
        } finally {
            receiving = false;
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        for (StreamLeg leg : touched) {
            leg.burstComplete();
        }
        touched.clear();
        flushAwaited();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (channel.isWritable()) {
            wantFlush();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        end(0, "the connection closed");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        end(2, "the connection failed: " + cause);
    }

    private void ping() {
        pingAt = now();
        yamux.ping(++pingValue);
        wantFlush();
    }

    /** Looks when the silence would be long enough, and again when it turned out not to be. */
    private void checkSilence() {
        long silent = now() - heardAt;
        long most = liveness.silence().toNanos();
        if (silent >= most) {
            end(0, "the peer is silent: nothing heard for " + silent / 1_000_000 + " ms");
        } else {
            silence = channel.eventLoop().schedule(this::checkSilence, most - silent, TimeUnit.NANOSECONDS);
        }
    }

    private final class FromYamux implements YamuxEvents {
        @Override
        public void send(ByteBuf bytes) {
            awaited = true;
            write(bytes);
        }

        @Override
        public void sendSoon(ByteBuf bytes) {
            write(bytes);
            wantFlushSoon();
        }

        private void write(ByteBuf bytes) {
            ChannelHandlerContext context = ctx;
            if (context == null) {
                bytes.release();
                return;
            }
            int n = bytes.readableBytes();
            context.write(bytes, context.voidPromise());
            if (receiving) {
                answered += n;
                if (answered >= MOST_ANSWERS) {
                    answered = 0;
                    flush();
                    checkUnsent();
                }
            }
        }

        @Override
        public void held(long bytes) {
            held = bytes;
            tellHeld();
        }

        @Override
        public void opened(YamuxStream stream) {
            owner.opened(new StreamLeg(Mux.this, stream));
        }

        @Override
        public void pong(int value) {
            if (value == pingValue) {
                roundTripNanos = now() - pingAt;
                yamux.roundTrip(roundTripNanos);
            }
        }

        @Override
        public void goAway(int code) {
            owner.goAway(code);
        }
    }
}
