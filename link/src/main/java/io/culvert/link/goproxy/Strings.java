package io.culvert.link.goproxy;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** Writes goproxy's strings: a little-endian length and the bytes. Stateless. */
final class Strings {
    private Strings() {}

    static void write(ByteBuf out, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        out.writeLongLE(bytes.length).writeBytes(bytes);
    }

    static void writeShort(ByteBuf out, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        out.writeShortLE(bytes.length).writeBytes(bytes);
    }
}
