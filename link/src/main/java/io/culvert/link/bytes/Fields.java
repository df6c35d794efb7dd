package io.culvert.link.bytes;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Reads and writes single fields, big endian. Reading is for a body that is all there: a field that runs past its end is
 * {@linkplain MalformedException refused}, and so is a length above the bound, before anything is allocated for it. Stateless: any
 * thread, as long as it owns the buffer.
 */
public final class Fields {
    private Fields() {}

    /** Reads one byte: 0 to 255. */
    public static int readU8(ByteBuf in, String field) {
        need(in, Byte.BYTES, field);
        return in.readUnsignedByte();
    }

    /** Reads two bytes: 0 to 65535. */
    public static int readU16(ByteBuf in, String field) {
        need(in, Short.BYTES, field);
        return in.readUnsignedShort();
    }

    /** Reads four bytes: 0 to 4294967295. */
    public static long readU32(ByteBuf in, String field) {
        need(in, Integer.BYTES, field);
        return in.readUnsignedInt();
    }

    /** Reads eight bytes whose first bit must be clear, as ids and counters are: 0 to {@link Long#MAX_VALUE}. */
    public static long readU63(ByteBuf in, String field) {
        need(in, Long.BYTES, field);
        long value = in.readLong();
        if (value < 0) {
            throw new MalformedException(
                    field + ": " + Long.toUnsignedString(value) + " (expected: 0 to " + Long.MAX_VALUE + ")");
        }
        return value;
    }

    /**
     * Reads exactly {@code length} bytes that have no length before them.
     *
     * @param length a number of our own, not the peer's
     */
    public static byte[] readFixed(ByteBuf in, String field, int length) {
        need(in, length, field);
        byte[] value = new byte[length];
        in.readBytes(value);
        return value;
    }

    /** Reads a u16 length, which must be {@code min} to {@code max}, and that many bytes. */
    public static byte[] readBytes(ByteBuf in, String field, int min, int max) {
        int length = readU16(in, field);
        if (length < min || length > max) {
            throw new MalformedException(field + ": " + length + " bytes (expected: " + min + " to " + max + ")");
        }
        return readFixed(in, field, length);
    }

    /**
     * Reads a u16 length, which must be {@code min} to {@code max}, and that many bytes of text.
     *
     * @see #text(ByteBuf, int, int, String)
     */
    public static String readString(ByteBuf in, String field, int min, int max) {
        int length = readU16(in, field);
        if (length < min || length > max) {
            throw new MalformedException(field + ": " + length + " bytes (expected: " + min + " to " + max + ")");
        }
        need(in, length, field);
        String value = text(in, in.readerIndex(), length, field);
        in.skipBytes(length);
        return value;
    }

    /**
     * Decodes text at an absolute index, strictly: bytes that are not UTF-8 are refused, and so are control characters and line
     * separators, for this text goes to logs and terminals. Leaves the reader index alone.
     *
     * @param length checked by the caller against its bound; the bytes must be there
     */
    public static String text(ByteBuf in, int index, int length, String field) {
        CharBuffer decoded;
        try {
            decoded = StandardCharsets.UTF_8.newDecoder().decode(in.nioBuffer(index, length));
        } catch (CharacterCodingException e) {
            throw new MalformedException(field + ": not UTF-8");
        }
        String value = decoded.toString();
        if (!isOneLine(value)) {
            throw new MalformedException(field + ": control character (expected: printable text)");
        }
        return value;
    }

    /**
     * Writes a u16 length and the bytes.
     *
     * @param value at most 65535 bytes; the tighter bound of the field is its owner's to check
     */
    public static void writeBytes(ByteBuf out, byte[] value) {
        if (value.length > 0xFFFF) {
            throw new IllegalArgumentException("field: " + value.length + " bytes (expected: at most 65535)");
        }
        out.writeShort(value.length).writeBytes(value);
    }

    /** Writes a u16 length and the text as UTF-8; what {@link #requireText} lets pass can be written. */
    public static void writeString(ByteBuf out, String value) {
        writeBytes(out, value.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Checks a text of our own before it becomes a field, so that nothing is sent which the other side would refuse.
     *
     * @param min least length in bytes of UTF-8
     * @param max greatest length in bytes of UTF-8
     * @return the value
     * @throws IllegalArgumentException naming field and expectation
     */
    public static String requireText(String value, String field, int min, int max) {
        ByteBuffer encoded;
        try {
            encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(value));
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(field + ": half a surrogate pair (expected: text)", e);
        }
        if (encoded.remaining() < min || encoded.remaining() > max) {
            throw new IllegalArgumentException(
                    field + ": " + encoded.remaining() + " bytes (expected: " + min + " to " + max + ")");
        }
        if (!isOneLine(value)) {
            throw new IllegalArgumentException(field + ": control character (expected: printable text)");
        }
        return value;
    }

    private static boolean isOneLine(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (Character.isISOControl(c) || c == '\u2028' || c == '\u2029') {
                return false;
            }
        }
        return true;
    }

    private static void need(ByteBuf in, int bytes, String field) {
        if (in.readableBytes() < bytes) {
            throw new MalformedException(field + ": cut short, " + in.readableBytes() + " of " + bytes + " bytes");
        }
    }
}
