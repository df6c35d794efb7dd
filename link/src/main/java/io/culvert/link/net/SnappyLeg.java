package io.culvert.link.net;

import io.culvert.link.relay.CloseReason;
import io.culvert.link.relay.Leg;
import io.culvert.link.relay.LegEvents;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.compression.SnappyFrameDecoder;
import io.netty.handler.codec.compression.SnappyFrameEncoder;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A leg whose far end speaks snappy's framed format, as goproxy does with {@code -c}: plain bytes on this side, one run of chunks for each
 * flush on the other. Malformed input resets the leg. Lives on the loop of the leg it wraps.
 */
public final class SnappyLeg implements Leg {
    /** What gathers before it is compressed without waiting for the flush; also the most that one chunk may hold. */
    private static final int MOST_GATHERED = 64 * 1024;
    /**
     * What plain bytes that wait to leave on the other side may cost before inflating rests, in bytes. Credit bounds the packed bytes only,
     * and one of them may stand for 21 plain ones: a window of 4 MiB for 84.
     */
    private static final int MOST_WAITING = 256 * 1024;
    /** Wire bytes inflated at a time: with what they may become, the most by which {@link #MOST_WAITING} is overshot. */
    private static final int STEP = 4 * 1024;
    /** What an inflated piece costs beside its buffer, in bytes: a chunk may hold a single one. */
    private static final int PIECE_COST = 256;

    /** The codec goes byte by byte: that is done on arrays of its own, not on whatever buffers the bytes came in. */
    private static final ByteBufAllocator HEAP = new UnpooledByteBufAllocator(false, true);

    private final Leg wire;
    private final IntConsumer held;
    private final EmbeddedChannel encoder = new EmbeddedChannel(new SnappyFrameEncoder());
    private final SnappyChunkGuard guard = new SnappyChunkGuard();
    private final EmbeddedChannel decoder = new EmbeddedChannel(guard, new SnappyFrameDecoder(true));
    private final Queue<Credit> owed = new ArrayDeque<>(2);
    private @Nullable ByteBuf gathered;
    /** What came from the wire and is not inflated yet, because enough plain bytes wait already. */
    private final Queue<ByteBuf> packed = new ArrayDeque<>(2);

    private @Nullable LegEvents events;
    private int unpaired;
    /** What the plain bytes that have not left on the other side cost. */
    private int waiting;
    /** Wire bytes that were inflated and not given back as credit yet: these are charged as what they were when they came. */
    private int owedWire;
    /** What was last told of what is held beside them. */
    private int told;

    private boolean inflating;
    private boolean wireEnded;
    private boolean closed;

    /** Wire bytes to give back as credit once as many plain bytes have been consumed. */
    private static final class Credit {
        private final int wire;
        private final int cost;
        private int plain;

        Credit(int wire, ByteBuf plain) {
            this.wire = wire;
            // Of its buffer, which is as large as the peer said that the piece would be, whatever came of it.
            this.cost = PIECE_COST + plain.capacity();
            this.plain = plain.readableBytes();
        }
    }

    /**
     * Wraps {@code wire}, which must not be used directly from now on.
     *
     * @param held told, on the leg's loop, how many bytes this leg holds of what it received beyond those that it still owes the wire credit
     *     for; 0 or more, each time that it changes
     */
    public SnappyLeg(Leg wire, IntConsumer held) {
        this.wire = wire;
        this.held = held;
        encoder.config().setAllocator(HEAP);
        decoder.config().setAllocator(HEAP);
    }

    @Override
    public void attach(LegEvents listener) {
        events = listener;
        wire.attach(new FromWire());
    }

    @Override
    public void write(ByteBuf bytes) {
        if (closed) {
            bytes.release();
            return;
        }
        ByteBuf sofar = gathered;
        if (sofar == null) {
            sofar = HEAP.buffer(bytes.readableBytes());
            gathered = sofar;
        }
        sofar.writeBytes(bytes);
        bytes.release();
        if (sofar.readableBytes() >= MOST_GATHERED) {
            deflate();
        }
    }

    private void deflate() {
        ByteBuf sofar = gathered;
        gathered = null;
        if (sofar == null) {
            return;
        }
        encoder.writeOutbound(sofar);
        for (ByteBuf chunk = encoder.readOutbound(); chunk != null; chunk = encoder.readOutbound()) {
            wire.write(chunk);
        }
    }

    @Override
    public void flush() {
        deflate();
        wire.flush();
    }

    @Override
    public boolean writable() {
        return wire.writable();
    }

    @Override
    public void reading(boolean on) {
        wire.reading(on);
    }

    @Override
    public void consumed(int bytes) {
        int left = bytes;
        int credit = 0;
        for (Credit next = owed.peek(); next != null && left > 0; next = owed.peek()) {
            int n = Math.min(left, next.plain);
            next.plain -= n;
            left -= n;
            if (next.plain == 0) {
                owed.remove();
                waiting -= next.cost;
                credit += next.wire;
            }
        }
        giveBack(credit);
        if (!packed.isEmpty() && !inflating) {
            inflate();
            LegEvents listener = events;
            if (listener != null && !closed) {
                listener.dataComplete();
            }
        }
    }

    private void giveBack(int credit) {
        owedWire -= credit;
        // First: a stream that has ended is forgotten where nothing is charged to it any more.
        tellHeld();
        if (credit > 0) {
            wire.consumed(credit);
        }
    }

    private void tellHeld() {
        int holds = Math.max(0, waiting + guard.unfinished() - owedWire);
        if (holds != told) {
            told = holds;
            held.accept(holds);
        }
    }

    @Override
    public void end() {
        deflate();
        wire.end();
    }

    @Override
    public void reset() {
        close();
        wire.reset();
    }

    private void close() {
        if (closed) {
            return;
        }
        closed = true;
        ByteBuf sofar = gathered;
        gathered = null;
        if (sofar != null) {
            sofar.release();
        }
        for (ByteBuf bytes = packed.poll(); bytes != null; bytes = packed.poll()) {
            bytes.release();
        }
        encoder.finishAndReleaseAll();
        try {
            decoder.finishAndReleaseAll();
        } catch (DecoderException e) {
            // The stream ended within a chunk: nothing is left to deliver.
            decoder.releaseInbound();
        }
    }

    private void inflate() {
        inflating = true;
        for (ByteBuf next = packed.peek(); next != null && waiting < MOST_WAITING; next = packed.peek()) {
            int n = Math.min(STEP, next.readableBytes());
            ByteBuf step = HEAP.buffer(n, n).writeBytes(next, n);
            if (!next.isReadable()) {
                packed.remove().release();
            }
            inflate(step);
        }
        inflating = false;
        tellHeld();
        if (wireEnded && packed.isEmpty()) {
            wireEnded = false;
            end(guard.midChunk());
        }
    }

    private void inflate(ByteBuf step) {
        unpaired += step.readableBytes();
        owedWire += step.readableBytes();
        try {
            decoder.writeInbound(step);
        } catch (DecoderException e) {
            malformed();
            return;
        }
        for (ByteBuf plain = decoder.readInbound(); plain != null; plain = decoder.readInbound()) {
            LegEvents listener = events;
            if (closed || listener == null || !plain.isReadable()) {
                plain.release();
                continue;
            }
            Credit credit = new Credit(unpaired, plain);
            owed.add(credit);
            unpaired = 0;
            waiting += credit.cost;
            listener.data(plain);
        }
        if (unpaired > 0 && !closed) {
            // Chunks without plain bytes (the stream's identifier, padding, half a chunk) owe their credit at once:
            // nobody else returns it.
            int n = unpaired;
            unpaired = 0;
            giveBack(n);
        }
    }

    /** The wire's end, behind everything that was inflated. Within a chunk it is none: something is missing. */
    private void end(boolean midChunk) {
        LegEvents listener = events;
        if (closed || listener == null) {
            return;
        }
        if (midChunk) {
            malformed();
        } else {
            listener.ended();
        }
    }

    private void malformed() {
        LegEvents listener = events;
        reset();
        if (listener != null) {
            listener.failed(CloseReason.RIGHT_RESET);
        }
    }

    private final class FromWire implements LegEvents {
        @Override
        public void data(ByteBuf bytes) {
            if (closed) {
                bytes.release();
                return;
            }
            packed.add(bytes);
            if (!inflating) {
                inflate();
            }
        }

        @Override
        public void dataComplete() {
            LegEvents listener = events;
            if (listener != null) {
                listener.dataComplete();
            }
        }

        @Override
        public void ended() {
            if (packed.isEmpty() && !inflating) {
                end(guard.midChunk());
            } else {
                wireEnded = true;
            }
        }

        @Override
        public void failed(CloseReason reason) {
            LegEvents listener = events;
            close();
            if (listener != null) {
                listener.failed(reason);
            }
        }

        @Override
        public void writable() {
            LegEvents listener = events;
            if (listener != null) {
                listener.writable();
            }
        }

        @Override
        public void sent(int bytes) {
            // Of the wire's bytes, not of the plain ones: whoever feeds this leg is a socket, which takes no credit.
        }
    }
}
