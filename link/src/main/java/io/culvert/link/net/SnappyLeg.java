package io.culvert.link.net;

import io.culvert.link.relay.CloseReason;
import io.culvert.link.relay.Leg;
import io.culvert.link.relay.LegEvents;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.compression.SnappyFrameDecoder;
import io.netty.handler.codec.compression.SnappyFrameEncoder;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * A leg whose far end speaks snappy's framed format, as goproxy does with {@code -c}: plain bytes on this side, one run of chunks for each
 * flush on the other. Malformed input resets the leg. Lives on the loop of the leg it wraps.
 */
public final class SnappyLeg implements Leg {
    /** What gathers before it is compressed without waiting for the flush; also the most that one chunk may hold. */
    private static final int MOST_GATHERED = 64 * 1024;

    private final Leg wire;
    private final EmbeddedChannel encoder;
    private final EmbeddedChannel decoder = new EmbeddedChannel(new SnappyChunkGuard(), new SnappyFrameDecoder(true));
    private final ByteBufAllocator alloc;
    private final Queue<Credit> owed = new ArrayDeque<>(2);
    private @Nullable CompositeByteBuf gathered;
    private int unpaired;
    private boolean closed;

    /** Wire bytes to give back as credit once as many plain bytes have been consumed. */
    private static final class Credit {
        private final int wire;
        private int plain;

        Credit(int wire, int plain) {
            this.wire = wire;
            this.plain = plain;
        }
    }

    /** Wraps {@code wire}, which must not be used directly from now on. */
    public SnappyLeg(Leg wire, ByteBufAllocator alloc) {
        this.wire = wire;
        this.alloc = alloc;
        this.encoder = new EmbeddedChannel(new SnappyFrameEncoder());
        encoder.config().setAllocator(alloc);
        decoder.config().setAllocator(alloc);
    }

    @Override
    public void attach(LegEvents events) {
        wire.attach(new Inflating(events));
    }

    @Override
    public void write(ByteBuf bytes) {
        if (closed) {
            bytes.release();
            return;
        }
        CompositeByteBuf sofar = gathered;
        if (sofar == null) {
            sofar = alloc.compositeBuffer(64);
            gathered = sofar;
        }
        sofar.addComponent(true, bytes);
        if (sofar.readableBytes() >= MOST_GATHERED) {
            deflate();
        }
    }

    private void deflate() {
        CompositeByteBuf sofar = gathered;
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
        for (Credit next = owed.peek(); next != null && left > 0; next = owed.peek()) {
            int n = Math.min(left, next.plain);
            next.plain -= n;
            left -= n;
            if (next.plain == 0) {
                owed.remove();
                wire.consumed(next.wire);
            }
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
        CompositeByteBuf sofar = gathered;
        gathered = null;
        if (sofar != null) {
            sofar.release();
        }
        encoder.finishAndReleaseAll();
        try {
            decoder.finishAndReleaseAll();
        } catch (DecoderException e) {
            // The stream ended within a chunk: nothing is left to deliver.
            decoder.releaseInbound();
        }
    }

    private final class Inflating implements LegEvents {
        private final LegEvents events;

        Inflating(LegEvents events) {
            this.events = events;
        }

        @Override
        public void data(ByteBuf bytes) {
            if (closed) {
                bytes.release();
                return;
            }
            unpaired += bytes.readableBytes();
            try {
                decoder.writeInbound(bytes);
            } catch (DecoderException e) {
                reset();
                events.failed(CloseReason.RIGHT_RESET);
                return;
            }
            for (ByteBuf plain = decoder.readInbound(); plain != null; plain = decoder.readInbound()) {
                if (closed) {
                    plain.release();
                    continue;
                }
                owed.add(new Credit(unpaired, plain.readableBytes()));
                unpaired = 0;
                events.data(plain);
            }
            payWithoutPlain();
        }

        /** Chunks without plain bytes (the stream's identifier, padding, half a chunk) owe their credit at once: nobody else returns it. */
        private void payWithoutPlain() {
            if (unpaired > 0 && !closed) {
                int n = unpaired;
                unpaired = 0;
                wire.consumed(n);
            }
        }

        @Override
        public void dataComplete() {
            events.dataComplete();
        }

        @Override
        public void ended() {
            events.ended();
        }

        @Override
        public void failed(CloseReason reason) {
            close();
            events.failed(reason);
        }

        @Override
        public void writable() {
            events.writable();
        }

        @Override
        public void sent(int bytes) {
            // Of the wire's bytes, not of the plain ones: whoever feeds this leg is a socket, which takes no credit.
        }
    }
}
