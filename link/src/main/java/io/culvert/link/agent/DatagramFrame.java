package io.culvert.link.agent;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * One UDP packet inside a stream whose head names a {@code udp:} target; the stream is one visitor's flow, so no address is needed.
 *
 * <pre>
 * u16 length, big endian | body
 * </pre>
 *
 * Stateless: any thread, as long as it owns the buffer.
 */
public final class DatagramFrame {
    /** What stands before the address of a UDP target in {@link StreamHead#target}. */
    public static final String TARGET_PREFIX = "udp:";
    /** Greatest body: what fits into a UDP packet over IPv4. Any u16 is accepted, since IPv6 allows 20 bytes more. */
    public static final int MAX_BODY = 65_535;

    private DatagramFrame() {}

    /** Copies a body into a new frame, which is the caller's to release; the body stays the caller's too. */
    public static ByteBuf encode(ByteBuf body, ByteBufAllocator allocator) {
        int length = body.readableBytes();
        return allocator.buffer(Short.BYTES + length).writeShort(length).writeBytes(body, body.readerIndex(), length);
    }

    /**
     * Reads one frame, and not a byte more. The body shares the buffer's memory and is retained.
     *
     * @return null where the frame is not all there yet; nothing is consumed then
     */
    public static @Nullable ByteBuf decode(ByteBuf in) {
        int there = in.readableBytes();
        if (there < Short.BYTES) {
            return null;
        }
        int length = in.getUnsignedShort(in.readerIndex());
        if (there < Short.BYTES + length) {
            return null;
        }
        in.skipBytes(Short.BYTES);
        return in.readRetainedSlice(length);
    }
}
