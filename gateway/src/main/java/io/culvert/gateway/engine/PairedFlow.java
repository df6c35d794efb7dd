package io.culvert.gateway.engine;

import io.culvert.link.goproxy.Datagram;
import io.culvert.link.net.DatagramStream;
import io.culvert.link.net.StreamLeg;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * The datagrams of one visitor between a stock server and a stock client. They are not bytes like others: a client loses what does not
 * come one to a data frame, and the server's frames reach us in whatever pieces its connection cut. So each is put together here and
 * leaves as a frame of its own, address and all. Lives on the loop of both streams.
 */
final class PairedFlow {
    /** Datagrams whole, with their addresses. */
    private static final DatagramStream.Codec WHOLE = new DatagramStream.Codec() {
        @Override
        public ByteBuf encode(ByteBuf body, ByteBufAllocator allocator) {
            int length = body.readableBytes();
            return allocator.buffer(length, length).writeBytes(body, body.readerIndex(), length);
        }

        @Override
        public @Nullable ByteBuf decode(ByteBuf in) {
            int start = in.readerIndex();
            Datagram datagram = Datagram.decode(in);
            if (datagram == null) {
                return null;
            }
            datagram.body().release();
            return in.retainedSlice(start, in.readerIndex() - start);
        }
    };

    private final LiveTunnel tunnel;
    private final Runnable closed;
    private final End server = new End(true);
    private final End client = new End(false);
    private boolean over;

    private PairedFlow(LiveTunnel tunnel, Runnable closed) {
        this.tunnel = tunnel;
        this.closed = closed;
    }

    /**
     * Joins the server's stream, behind its head, with the client's.
     *
     * @param closed runs once, when either side has ended
     */
    static void join(StreamLeg server, StreamLeg client, ByteBufAllocator alloc, LiveTunnel tunnel, Runnable closed) {
        PairedFlow flow = new PairedFlow(tunnel, closed);
        // The client's first: the server's may hold datagrams already, which go to it at once.
        flow.server.onward = DatagramStream.over(client, alloc, WHOLE, flow.client);
        flow.client.onward = DatagramStream.over(server, alloc, WHOLE, flow.server);
        if (flow.over) {
            flow.client.onward.close();
        }
    }

    private void close() {
        if (over) {
            return;
        }
        over = true;
        closed.run();
        server.closeOnward();
        client.closeOnward();
    }

    /** One of the two sides; what comes from it goes onward to the other. */
    private final class End implements DatagramStream.Owner {
        private final boolean forth;
        private @Nullable DatagramStream onward;

        End(boolean forth) {
            this.forth = forth;
        }

        @Override
        public void datagram(ByteBuf whole) {
            if (forth) {
                tunnel.forth(whole.readableBytes());
            } else {
                tunnel.back(whole.readableBytes());
            }
            DatagramStream to = onward;
            if (to == null || !to.send(whole)) {
                tunnel.dropped();
            }
            whole.release();
        }

        @Override
        public void closed() {
            close();
        }

        void closeOnward() {
            DatagramStream to = onward;
            if (to != null) {
                to.close();
            }
        }
    }
}
