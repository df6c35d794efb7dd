package io.culvert.link.goproxy;

import io.culvert.link.bytes.Fields;
import io.culvert.link.bytes.MalformedException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * One UDP packet inside a goproxy stream.
 *
 * <pre>
 * u16 length | address of the visitor, 1.2.3.4:5678 | u16 length | body        (lengths little endian)
 * </pre>
 *
 * A stock client loses what shares a read with another packet and cuts bodies at 2,048 bytes: send each in a data frame of its own.
 * Immutable but for the body's indices; belongs to the thread that owns the body.
 *
 * @param visitor the visitor's address, 1 to {@value #MAX_VISITOR} bytes; the client sends it back with each answer
 * @param body 0 to {@value #MAX_BODY} readable bytes; whoever holds the datagram releases it
 */
public record Datagram(String visitor, ByteBuf body) {
    /** Greatest length of {@link #visitor} in bytes. */
    public static final int MAX_VISITOR = 64;
    /** Greatest length of {@link #body}: what fits into a UDP packet over IPv4. */
    public static final int MAX_BODY = 65_507;
    /** Greatest length of a datagram with everything. */
    public static final int MAX_BYTES = 2 * Short.BYTES + MAX_VISITOR + MAX_BODY;

    public Datagram {
        Fields.requireText(visitor, "visitor", 1, MAX_VISITOR);
        if (body.readableBytes() > MAX_BODY) {
            throw new IllegalArgumentException(
                    "body: " + body.readableBytes() + " bytes (expected: at most " + MAX_BODY + ")");
        }
    }

    /** Copies everything into one new buffer, which is the caller's to release; the body stays as it is, and the holder's. */
    public ByteBuf encode(ByteBufAllocator allocator) {
        int length = body.readableBytes();
        ByteBuf out = allocator.buffer(2 * Short.BYTES + MAX_VISITOR + length, MAX_BYTES);
        Strings.writeShort(out, visitor);
        return out.writeShortLE(length).writeBytes(body, body.readerIndex(), length);
    }

    /**
     * Reads one datagram, and not a byte more: what follows it is left in the buffer. The body shares the buffer's memory and is
     * retained.
     *
     * @return null where the datagram is not all there yet; nothing is consumed then
     * @throws MalformedException where the bytes are no datagram; the buffer is of no more use then
     */
    public static @Nullable Datagram decode(ByteBuf in) {
        LookAhead ahead = new LookAhead(in);
        String visitor = ahead.shortString("visitor", 1, MAX_VISITOR);
        if (visitor == null) {
            return null;
        }
        int length = ahead.length("body", Short.BYTES, 0, MAX_BODY);
        if (length < 0 || ahead.there() < length) {
            return null;
        }
        ahead.consume();
        return new Datagram(visitor, in.readRetainedSlice(length));
    }
}
