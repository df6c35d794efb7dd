package io.culvert.link.yamux;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * The twelve bytes in front of each yamux frame, big endian.
 *
 * <pre>
 *  0        1        2                 4                          8                         12
 *  | version |  type  |      flags     |        stream id         |         length          |
 * </pre>
 */
final class Frame {
    static final int HEADER = 12;

    static final int DATA = 0;
    static final int WINDOW_UPDATE = 1;
    static final int PING = 2;
    static final int GO_AWAY = 3;

    static final int SYN = 1;
    static final int ACK = 2;
    static final int FIN = 4;
    static final int RST = 8;
    static final int ALL_FLAGS = SYN | ACK | FIN | RST;

    private Frame() {}

    static ByteBuf header(ByteBufAllocator alloc, int type, int flags, int streamId, int length) {
        ByteBuf header = alloc.directBuffer(HEADER, HEADER);
        header.writeByte(0);
        header.writeByte(type);
        header.writeShort(flags);
        header.writeInt(streamId);
        header.writeInt(length);
        return header;
    }
}
