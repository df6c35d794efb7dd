package io.culvert.link.net;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketChannelConfig;

/** Socket options, one place for each kind of connection. Any thread. */
public final class Sockets {
    /**
     * Reads take up to 256 KiB: on loopback that relays 1.4 times what the usual 64 KiB do. A connection that never fills a buffer is
     * given small ones.
     */
    private static final int MAX_READ = 256 * 1024;

    private static final WriteBufferWaterMark LEG_WATER_MARK = new WriteBufferWaterMark(64 * 1024, 128 * 1024);
    private static final WriteBufferWaterMark SESSION_WATER_MARK = new WriteBufferWaterMark(256 * 1024, 512 * 1024);

    private static final int LARGEST_DATAGRAM = 65_535;

    private Sockets() {}

    /**
     * Options for a visitor's or a target's connection: half-close is kept, and nothing is read until a {@link SocketLeg} is attached.
     * Zero linger makes every close a reset, also one by a fault of ours or by the end of the process: only a {@link SocketLeg} whose
     * two directions have ended takes it back. So the far end never takes a failure for a proper end.
     */
    public static void asLeg(SocketChannel channel) {
        common(channel.config())
                .setSoLinger(0)
                .setAutoRead(false)
                .setAllowHalfClosure(true)
                .setWriteBufferWaterMark(LEG_WATER_MARK);
    }

    /** Options for a connection that carries a session. */
    public static void asSession(SocketChannel channel) {
        common(channel.config()).setWriteBufferWaterMark(SESSION_WATER_MARK);
    }

    /** Options for a UDP socket: each read takes a datagram of any size. */
    public static void asDatagrams(DatagramChannel channel) {
        channel.config().setOption(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(LARGEST_DATAGRAM));
    }

    private static SocketChannelConfig common(SocketChannelConfig config) {
        config.setOption(ChannelOption.RECVBUF_ALLOCATOR, new AdaptiveRecvByteBufAllocator(512, 4096, MAX_READ));
        return config.setTcpNoDelay(true).setKeepAlive(true);
    }
}
