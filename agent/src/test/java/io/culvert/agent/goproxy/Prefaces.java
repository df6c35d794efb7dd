package io.culvert.agent.goproxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** What goproxy peers say ahead of and at the start of streams, written by hand from the protocol's page. Stateless. */
final class Prefaces {
    static final String SERVER_ID = "0123456789abcdef0123456789abcdef01234567";
    private static final String STREAM_ID = "89abcdef0123456789abcdef0123456789abcdef";

    private Prefaces() {}

    static byte[] client(String keyIndex) {
        byte[] text = string(keyIndex);
        return ByteBuffer.allocate(1 + text.length).put((byte) 5).put(text).array();
    }

    static byte[] server(String key) {
        return joined(new byte[] {4}, string(key), string(SERVER_ID));
    }

    /** As a stock server opens a stream. */
    static byte[] head(String target) {
        return joined(string(STREAM_ID), string(target), string(SERVER_ID));
    }

    static byte[] string(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        return string(bytes.length, bytes);
    }

    /** A string whose length may be a lie. */
    static byte[] string(long length, byte[] bytes) {
        return ByteBuffer.allocate(8 + bytes.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(length)
                .put(bytes)
                .array();
    }

    static byte[] datagram(String address, byte[] body, int length) {
        byte[] text = address.getBytes(UTF_8);
        return ByteBuffer.allocate(4 + text.length + length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort((short) text.length)
                .put(text)
                .putShort((short) length)
                .put(body, 0, length)
                .array();
    }

    static byte[] joined(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        ByteBuffer all = ByteBuffer.allocate(length);
        for (byte[] part : parts) {
            all.put(part);
        }
        return all.array();
    }
}
