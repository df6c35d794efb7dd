package io.culvert.link.agent;

import io.culvert.link.bytes.Fields;
import io.culvert.link.bytes.MalformedException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * What an agent answers on a stream whose head is a {@linkplain StreamHead#probe probe}, before it ends the stream.
 *
 * <pre>
 * u16 length of the rest, at most 1024 | u8 outcome, 0 = ok | u32 microseconds | string text, 1 to 300
 * </pre>
 *
 * Big endian. Bytes behind the last known field, within the length, are ignored. Immutable, any thread.
 *
 * @param ok whether a visitor would reach the target
 * @param micros how long the dial took, in microseconds, 0 to 2^32 - 1
 * @param text {@code ok}, or what is wrong with which target, for instance {@code refused 127.0.0.1:22}; 1 to {@value #MAX_TEXT} bytes
 */
public record ProbeAnswer(boolean ok, long micros, String text) {
    /** Greatest length of {@link #text} in bytes. */
    public static final int MAX_TEXT = 300;
    /** Greatest length of everything behind the first length. */
    public static final int MAX_REST = 1024;

    private static final long MAX_MICROS = 0xFFFF_FFFFL;

    public ProbeAnswer {
        if (micros < 0 || micros > MAX_MICROS) {
            throw new IllegalArgumentException("microseconds: " + micros + " (expected: 0 to " + MAX_MICROS + ")");
        }
        Fields.requireText(text, "text", 1, MAX_TEXT);
    }

    /** Writes the answer into a new buffer, which is the caller's to release. */
    public ByteBuf encode(ByteBufAllocator allocator) {
        ByteBuf out = allocator.buffer(64, Short.BYTES + MAX_REST).writeShort(0);
        out.writeByte(ok ? 0 : 1).writeInt((int) micros);
        Fields.writeString(out, text);
        return out.setShort(0, out.readableBytes() - Short.BYTES);
    }

    /**
     * Reads one answer.
     *
     * @return null where it is not all there yet; nothing is consumed then
     * @throws MalformedException where the bytes are no answer; the buffer is of no more use then
     */
    public static @Nullable ProbeAnswer decode(ByteBuf in) {
        if (in.readableBytes() < Short.BYTES) {
            return null;
        }
        int start = in.readerIndex();
        int rest = in.getUnsignedShort(start);
        if (rest > MAX_REST) {
            throw new MalformedException("probe answer length: " + rest + " (expected: at most " + MAX_REST + ")");
        }
        if (in.readableBytes() < Short.BYTES + rest) {
            return null;
        }
        ByteBuf fields = in.slice(start + Short.BYTES, rest);
        ProbeAnswer answer = new ProbeAnswer(
                Fields.readU8(fields, "outcome") == 0,
                Fields.readU32(fields, "microseconds"),
                Fields.readString(fields, "text", 1, MAX_TEXT));
        in.skipBytes(Short.BYTES + rest);
        return answer;
    }
}
