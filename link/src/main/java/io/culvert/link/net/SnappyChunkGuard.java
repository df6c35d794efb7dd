package io.culvert.link.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;

/**
 * Looks at chunk lengths ahead of Netty's snappy decoder, which would gather up to 16 MiB before it judges a chunk. The format lets no
 * chunk stand for more than 65,536 plain bytes (framing_format.txt, section 4), so none is longer than those at their worst. One stream's.
 */
final class SnappyChunkGuard extends ChannelInboundHandlerAdapter {
    /** Checksum and the longest that 65,536 bytes can become: 32 + n + n/6. */
    private static final int MOST = 4 + 32 + 65_536 + 65_536 / 6;

    private static final int HEADER = 4;

    private int headerBytes;
    private int length;
    private int bodyLeft;

    /** True where the last chunk is not all there. */
    boolean midChunk() {
        return unfinished() > 0;
    }

    /** How many bytes of a chunk that is not all there have come, its header included. */
    int unfinished() {
        return bodyLeft > 0 ? HEADER + length - bodyLeft : headerBytes;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        int at = bytes.readerIndex();
        while (at < bytes.writerIndex()) {
            if (bodyLeft > 0) {
                int n = Math.min(bodyLeft, bytes.writerIndex() - at);
                bodyLeft -= n;
                at += n;
                continue;
            }
            // One byte of type, three of length, little endian.
            int octet = bytes.getUnsignedByte(at++);
            length = headerBytes == 0 ? 0 : length | (octet << (8 * (headerBytes - 1)));
            if (++headerBytes == HEADER) {
                headerBytes = 0;
                bodyLeft = length;
                if (length > MOST) {
                    bytes.release();
                    throw new DecoderException("snappy chunk of " + length + " bytes (expected: at most " + MOST + ")");
                }
            }
        }
        ctx.fireChannelRead(bytes);
    }
}
