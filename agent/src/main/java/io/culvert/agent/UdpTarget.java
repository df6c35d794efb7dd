package io.culvert.agent;

import io.culvert.link.net.DatagramStream;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import org.jspecify.annotations.Nullable;

/**
 * A UDP target of one visitor's flow: a socket of its own, so that the target tells visitors apart by their ports. What cannot be sent is
 * dropped. The server ends flows that rest. Lives on the session's loop.
 */
final class UdpTarget extends ChannelInboundHandlerAdapter implements DatagramStream.Owner {
    private final DatagramChannel channel;
    private @Nullable DatagramStream stream;
    private boolean over;

    UdpTarget(DatagramChannel channel) {
        this.channel = channel;
    }

    /** Carries what the target answers into the stream from now on. */
    void serve(DatagramStream datagrams) {
        stream = datagrams;
        if (over) {
            channel.close();
        } else {
            channel.pipeline().addLast(this);
        }
    }

    @Override
    public void datagram(ByteBuf body) {
        if (channel.isWritable()) {
            channel.write(body, channel.voidPromise());
        } else {
            body.release();
        }
    }

    @Override
    public void burstComplete() {
        channel.flush();
    }

    @Override
    public void closed() {
        over = true;
        channel.close();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        DatagramPacket packet = (DatagramPacket) message;
        DatagramStream datagrams = stream;
        if (datagrams != null) {
            datagrams.send(packet.content());
        }
        packet.release();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // "Port unreachable" for an earlier datagram: UDP's way to say that nobody listens at the moment.
    }
}
