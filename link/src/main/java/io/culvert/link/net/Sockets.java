package io.culvert.link.net;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketChannelConfig;
import io.netty.channel.unix.RawUnixChannelOption;
import io.netty.channel.unix.UnixChannel;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Socket options, one place for each kind of connection. Any thread. */
public final class Sockets {
    /**
     * Reads take up to 256 KiB: on loopback that relays 1.4 times what the usual 64 KiB do. A connection that never fills a buffer is
     * given small ones.
     */
    private static final int MAX_READ = 256 * 1024;

    private static final RecvByteBufAllocator READS = new AdaptiveRecvByteBufAllocator(512, 4096, MAX_READ);

    private static final WriteBufferWaterMark LEG_WATER_MARK = new WriteBufferWaterMark(64 * 1024, 128 * 1024);
    private static final WriteBufferWaterMark SESSION_WATER_MARK = new WriteBufferWaterMark(256 * 1024, 512 * 1024);

    private static final int LARGEST_DATAGRAM = 65_535;
    /** A turn's share of a UDP socket: Netty's own allocators read 1, which costs a wait in epoll for each datagram. */
    private static final int DATAGRAMS_A_TURN = 64;
    /**
     * What may wait for our turn: the kernel's 208 KiB are 92 datagrams of 1,200 bytes, or 2 ms of 50,000 a second, and what does not fit is lost.
     * The kernel grants what net.core.rmem_max allows, and takes memory only for what waits.
     */
    private static final int DATAGRAMS_WAITING = 4 * 1024 * 1024;
    /** One read of a session brings 256 KiB of datagrams, which are written together. */
    private static final WriteBufferWaterMark DATAGRAM_WATER_MARK = new WriteBufferWaterMark(512 * 1024, 1024 * 1024);

    private static final byte[] RENO = "reno".getBytes(StandardCharsets.US_ASCII);
    /** {@code TCP_CONGESTION} of {@code IPPROTO_TCP}, tcp(7). */
    private static final ChannelOption<ByteBuffer> CONGESTION_CONTROL =
            new RawUnixChannelOption("TCP_CONGESTION", 6, 13, 4);

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
        channel.config()
                .setRecvByteBufAllocator(
                        new FixedRecvByteBufAllocator(LARGEST_DATAGRAM).maxMessagesPerRead(DATAGRAMS_A_TURN))
                .setReceiveBufferSize(DATAGRAMS_WAITING)
                .setWriteBufferWaterMark(DATAGRAM_WATER_MARK);
    }

    /**
     * Options that depend on whom a socket speaks to, set before it is connected, or bound where it listens: what it accepts has them too. On a loopback
     * address there is no path to be fair on, and congestion control is RENO: BBR, the default of many servers, paces, and sets a timer for each
     * burst. Once a connection has begun with BBR the kernel goes on pacing, whatever is chosen then. Elsewhere the machine's own choice stands, and
     * everywhere with NIO, which does not offer it.
     *
     * @param address of the far end, or where it listens
     */
    public static void loopback(Channel channel, InetAddress address) {
        if (address.isLoopbackAddress() && channel instanceof UnixChannel) {
            try {
                channel.config().setOption(CONGESTION_CONTROL, ByteBuffer.wrap(RENO));
            } catch (ChannelException e) {
                // A kernel without it, or whose admin allows it to root alone: its own choice stands.
                return;
            }
        }
    }

    private static SocketChannelConfig common(SocketChannelConfig config) {
        config.setOption(ChannelOption.RECVBUF_ALLOCATOR, READS);
        // TCP_NODELAY is what Netty begins with, on both transports:
        // asking again is one more system call for each connection.
        return config.setKeepAlive(true);
    }
}
