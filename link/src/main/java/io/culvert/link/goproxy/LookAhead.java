package io.culvert.link.goproxy;

import io.culvert.link.bytes.Fields;
import io.culvert.link.bytes.MalformedException;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Reads fields of a packet that may not be all there, without consuming anything until all of it is. A length is judged byte by byte
 * as it comes in, so that an absurd one is refused before the peer has finished saying it. For one decoding on one thread.
 */
final class LookAhead {
    private final ByteBuf in;
    private int at;

    LookAhead(ByteBuf in) {
        this.in = in;
        this.at = in.readerIndex();
    }

    /** The next byte, 0 to 255; -1 where it is not there yet. */
    int u8() {
        return there() < 1 ? -1 : in.getUnsignedByte(at++);
    }

    /** A u64 length and that many bytes of text; null where they are not there yet. */
    @Nullable
    String string(String field, int min, int max) {
        return string(field, Long.BYTES, min, max);
    }

    /** A u16 length and that many bytes of text; null where they are not there yet. */
    @Nullable
    String shortString(String field, int min, int max) {
        return string(field, Short.BYTES, min, max);
    }

    /** A length in so many bytes; -1 where it is not there yet. */
    int length(String field, int bytes, int min, int max) {
        int known = Math.min(bytes, there());
        long value = 0;
        for (int i = 0; i < known; i++) {
            value |= (long) in.getUnsignedByte(at + i) << (Byte.SIZE * i);
        }
        // What is still to come can only make it greater.
        if (Long.compareUnsigned(value, max) > 0 || (known == bytes && value < min)) {
            throw new MalformedException(
                    field + ": " + Long.toUnsignedString(value) + " bytes (expected: " + min + " to " + max + ")");
        }
        if (known < bytes) {
            return -1;
        }
        at += bytes;
        return (int) value;
    }

    /** Bytes that are there and not read yet. */
    int there() {
        return in.writerIndex() - at;
    }

    /** Consumes what was read; for when the packet turned out to be complete. */
    void consume() {
        in.readerIndex(at);
    }

    private @Nullable String string(String field, int lengthBytes, int min, int max) {
        int length = length(field, lengthBytes, min, max);
        if (length < 0 || there() < length) {
            return null;
        }
        String value = Fields.text(in, at, length, field);
        at += length;
        return value;
    }
}
