package io.culvert.link.agent;

import io.culvert.link.bytes.Fields;
import io.culvert.link.bytes.MalformedException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * What the server says at the start of each yamux stream: where the agent shall dial, and for whom. The bytes behind it are the
 * visitor's.
 *
 * <pre>
 * u16 length of the rest, at most 1024 | string target, 1 to 260 | string visitor, 1 to 64 | u8 flags, 1 = probe; may be missing
 * </pre>
 *
 * Big endian; a string is a u16 length and that many bytes of UTF-8. Bytes behind the last known field, within the length, are
 * ignored. Immutable, any thread.
 *
 * @param target {@code host:port} that the agent dials, 1 to {@value #MAX_TARGET} bytes; the agent judges its form
 * @param visitor who comes, for instance {@code 203.0.113.9:51234}, 1 to {@value #MAX_VISITOR} bytes; for logs, not an authority
 * @param probe true where nobody comes: the agent dials the target, answers with a {@link ProbeAnswer}, and hangs up. Only for agents that
 *     said they know this
 */
public record StreamHead(String target, String visitor, boolean probe) {
    private static final int PROBE = 1;

    /** Greatest length of {@link #target} in bytes. */
    public static final int MAX_TARGET = 260;
    /** Greatest length of {@link #visitor} in bytes. */
    public static final int MAX_VISITOR = 64;
    /** Greatest length of everything behind the first length. */
    public static final int MAX_REST = 1024;

    public StreamHead {
        Fields.requireText(target, "target", 1, MAX_TARGET);
        Fields.requireText(visitor, "visitor", 1, MAX_VISITOR);
    }

    /** The head of a visitor's stream. */
    public StreamHead(String target, String visitor) {
        this(target, visitor, false);
    }

    /** Writes the head into a new buffer, which is the caller's to release. */
    public ByteBuf encode(ByteBufAllocator allocator) {
        ByteBuf out = allocator.buffer(128, Short.BYTES + MAX_REST).writeShort(0);
        Fields.writeString(out, target);
        Fields.writeString(out, visitor);
        if (probe) {
            out.writeByte(PROBE);
        }
        return out.setShort(0, out.readableBytes() - Short.BYTES);
    }

    /**
     * Reads one head, and not a byte more: what follows it is left in the buffer.
     *
     * @return null where the head is not all there yet; nothing is consumed then
     * @throws MalformedException where the bytes are no head; the buffer is of no more use then
     */
    public static @Nullable StreamHead decode(ByteBuf in) {
        int there = in.readableBytes();
        int start = in.readerIndex();
        if (there > 0 && in.getUnsignedByte(start) > MAX_REST >>> 8) {
            throw new MalformedException("stream head length: first byte " + in.getUnsignedByte(start)
                    + " (expected: at most " + (MAX_REST >>> 8) + ")");
        }
        if (there < Short.BYTES) {
            return null;
        }
        int rest = in.getUnsignedShort(start);
        if (rest > MAX_REST) {
            throw new MalformedException("stream head length: " + rest + " (expected: at most " + MAX_REST + ")");
        }
        if (there < Short.BYTES + rest) {
            return null;
        }
        ByteBuf fields = in.slice(start + Short.BYTES, rest);
        StreamHead head = new StreamHead(
                Fields.readString(fields, "target", 1, MAX_TARGET),
                Fields.readString(fields, "visitor", 1, MAX_VISITOR),
                fields.isReadable() && (fields.readUnsignedByte() & PROBE) != 0);
        in.skipBytes(Short.BYTES + rest);
        return head;
    }
}
