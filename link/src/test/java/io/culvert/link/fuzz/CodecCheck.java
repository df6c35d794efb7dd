package io.culvert.link.fuzz;

import io.culvert.link.bytes.MalformedException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What every decoder of a packet must keep to, whatever the bytes: it answers, or asks for more, or throws {@link MalformedException}; it
 * consumes the packet or nothing; no beginning of a packet passes for a whole one; and it never asks for more than a packet can have.
 * Stateless.
 */
final class CodecCheck {
    private CodecCheck() {}

    /**
     * Tries a decoder.
     *
     * @param most greatest length of a packet
     * @param exact whether writing what was read gives the same bytes
     */
    static <T> void check(
            byte[] data, int most, boolean exact, Function<ByteBuf, @Nullable T> decode, Function<T, ByteBuf> encode) {
        ByteBuf in = Unpooled.wrappedBuffer(data);
        T packet;
        try {
            packet = decode.apply(in);
        } catch (MalformedException e) {
            return;
        }
        if (packet == null) {
            require(in.readerIndex() == 0, "consumed without a result");
            require(data.length < most, "no result from " + data.length + " bytes");
            return;
        }
        int length = in.readerIndex();
        require(length > 0 && length <= most, "a packet of " + length + " bytes");
        // A few beginnings, the last bytes above all: each of them would take too long for a large packet.
        for (int there = 0; there < length; there += there < 300 || there > length - 16 ? 1 : 1 + length / 64) {
            ByteBuf beginning = Unpooled.wrappedBuffer(data, 0, there);
            require(decode.apply(beginning) == null, "a result from " + there + " bytes of " + length);
            require(beginning.readerIndex() == 0, "consumed a beginning");
        }
        ByteBuf out = encode.apply(packet);
        byte[] written = ByteBufUtil.getBytes(out);
        out.release();
        if (exact) {
            require(Arrays.equals(written, Arrays.copyOf(data, length)), "written otherwise than it was read");
        }
        T again = decode.apply(Unpooled.wrappedBuffer(written));
        require(again != null && written.length <= most, "its own writing is not read");
    }

    static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new AssertionError(otherwise);
        }
    }
}
