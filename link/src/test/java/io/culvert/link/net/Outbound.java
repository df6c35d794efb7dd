package io.culvert.link.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;

/** What a session has sent. */
final class Outbound {
    private Outbound() {}

    /** Takes what has left since the last call, and counts its bytes. */
    static int bytes(EmbeddedChannel channel) {
        int bytes = 0;
        for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            bytes += out.readableBytes();
            out.release();
        }
        return bytes;
    }
}
