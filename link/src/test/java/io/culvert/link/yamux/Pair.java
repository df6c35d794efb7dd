package io.culvert.link.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;

/** A client and a server back to back, on a clock that stands still, with every byte of memory counted. */
final class Pair implements AutoCloseable {
    static final YamuxLimits ROOMY = new YamuxLimits(1_000, 1_000, 256, 16 << 20, 64L << 20, 64L << 20, 64 << 10);

    /** Disposes of nothing by itself: what is in use at the end was leaked. */
    final UnpooledByteBufAllocator alloc = new UnpooledByteBufAllocator(true);

    final Side client;
    final Side server;
    long now;

    Pair() {
        this(ROOMY, ROOMY);
    }

    Pair(YamuxLimits client, YamuxLimits server) {
        this.client = new Side(Yamux.Role.CLIENT, client, alloc, () -> now);
        this.server = new Side(Yamux.Role.SERVER, server, alloc, () -> now);
    }

    /** A client's stream and the server's end of it, with nothing on the way. */
    Ear[] stream() {
        Ear mine = client.open();
        flow();
        return new Ear[] {mine, server.newest()};
    }

    /** Carries frames both ways until neither side has anything to say. */
    void flow() {
        while (carry(client, server) || carry(server, client)) {
            // The answers may ask for answers.
        }
    }

    /** Carries what one side has to send now; true if that was anything. */
    boolean carry(Side from, Side to) {
        from.yamux.pump(Integer.MAX_VALUE);
        boolean any = false;
        for (ByteBuf bytes = from.out.poll(); bytes != null; bytes = from.out.poll()) {
            to.receive(bytes);
            any = true;
        }
        return any;
    }

    /** Bytes of buffers that are alive. */
    long memory() {
        return alloc.metric().usedDirectMemory() + alloc.metric().usedHeapMemory();
    }

    @Override
    public void close() {
        for (Side side : new Side[] {client, server}) {
            side.drop();
            side.yamux.close();
            assertThat(side.sent()).as("what a closed session sends").isEmpty();
            assertThat(side.yamux.streams()).isZero();
            assertThat(side.yamux.books()).isEqualTo("opened 0, unacknowledged 0, queued 0, cost 0, growth 0");
        }
        assertThat(memory()).as("bytes leaked").isZero();
    }
}
