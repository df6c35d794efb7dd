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

    private final FlowGate gate;
    private final Tally tally;
    private final Runnable closed;
    private final End server = new End(true);
    private final End client = new End(false);
    private boolean over;

    private PairedFlow(FlowGate gate, Tally tally, Runnable closed) {
        this.gate = gate;
        this.tally = tally;
        this.closed = closed;
    }

    /**
     * Joins the server's stream, behind its head, with the client's.
     *
     * @param gate decides on each datagram; stopped with the flow
     * @param tally hears of those that were dropped
     * @param closed runs once, when either side has ended
     */
    static PairedFlow join(
            StreamLeg server, StreamLeg client, ByteBufAllocator alloc, FlowGate gate, Tally tally, Runnable closed) {
        PairedFlow flow = new PairedFlow(gate, tally, closed);
        // The client's first: the server's may hold datagrams already, which go to it at once.
        flow.server.onward = DatagramStream.over(client, alloc, WHOLE, flow.client);
        flow.client.onward = DatagramStream.over(server, alloc, WHOLE, flow.server);
        if (flow.over) {
            flow.client.onward.close();
        }
        return flow;
    }

    /** Puts the tunnel's present rules into force. */
    void obey() {
        if (!over) {
            gate.obey();
        }
    }

    /** Ends the flow on both sides. Repeating it does nothing. */
    void close() {
        if (over) {
            return;
        }
        over = true;
        gate.stop();
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
            DatagramStream to = onward;
            int bytes = whole.readableBytes();
            boolean sent = to != null && to.ready() && (forth ? gate.forth(bytes) : gate.back(bytes)) && to.send(whole);
            if (!sent) {
                tally.dropped();
            }
            whole.release();
        }

        @Override
        public void burstComplete() {
            // Each was sent as it came: a stream gathers by itself.
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
