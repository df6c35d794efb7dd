package io.culvert.agent.goproxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.compression.SnappyFrameDecoder;
import io.netty.handler.codec.compression.SnappyFrameEncoder;
import java.util.Queue;

/** One direction of a snappy framed stream, which the recordings show to be goproxy's. One thread at a time. */
final class Snappy implements AutoCloseable {
    private final EmbeddedChannel channel;

    private Snappy(EmbeddedChannel channel) {
        this.channel = channel;
        // Not tracked for leaks: the codec touches each byte, and each touch would be recorded with its stack.
        channel.config().setAllocator(new UnpooledByteBufAllocator(false, true));
    }

    static Snappy packer() {
        return new Snappy(new EmbeddedChannel(new SnappyFrameEncoder()));
    }

    static Snappy unpacker() {
        return new Snappy(new EmbeddedChannel(new SnappyFrameDecoder(true)));
    }

    byte[] pack(byte[] plain) {
        channel.writeOutbound(Unpooled.wrappedBuffer(plain));
        return drain(channel.outboundMessages());
    }

    byte[] unpack(byte[] packed) {
        channel.writeInbound(Unpooled.wrappedBuffer(packed));
        return drain(channel.inboundMessages());
    }

    private static byte[] drain(Queue<Object> messages) {
        ByteBuf all = Unpooled.buffer();
        for (Object each = messages.poll(); each != null; each = messages.poll()) {
            ByteBuf bytes = (ByteBuf) each;
            all.writeBytes(bytes);
            bytes.release();
        }
        return ByteBufUtil.getBytes(all);
    }

    @Override
    public void close() {
        channel.finishAndReleaseAll();
    }
}
