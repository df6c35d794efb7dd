package io.culvert.link.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.link.yamux.Yamux;
import io.culvert.link.yamux.YamuxLimits;
import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Datagrams of a peer that cuts them as it likes, and of one that goes on when nobody wants more. */
class DatagramStreamTest {
    private static final int DATA = 0;
    private static final int WINDOW_UPDATE = 1;
    private static final int SYN = 1;

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final Accepting peer = new Accepting();
    private final Mux mux = new Mux(
            channel,
            Yamux.Role.SERVER,
            YamuxLimits.acceptor(),
            Liveness.DEFAULT,
            new MemoryBudget(() -> 0, 1).share(),
            peer);
    private final Counting alloc = new Counting();
    private final List<String> heard = new ArrayList<>();
    private int closeBehind = Integer.MAX_VALUE;
    private @Nullable DatagramStream datagrams;

    @BeforeEach
    void begin() {
        channel.pipeline().addLast(mux);
        channel.writeInbound(frame(WINDOW_UPDATE, SYN, 0));
        datagrams = DatagramStream.over(peer.stream(), alloc, DatagramStream.OWN, new DatagramStream.Owner() {
            @Override
            public void datagram(ByteBuf body) {
                heard.add(body.readableBytes() + " bytes");
                body.release();
                if (heard.size() == closeBehind) {
                    Objects.requireNonNull(datagrams).close();
                }
            }

            @Override
            public void burstComplete() {}

            @Override
            public void closed() {
                heard.add("closed");
            }
        });
    }

    @AfterEach
    void end() {
        channel.finishAndReleaseAll();
        assertThat(alloc.used()).as("bytes leaked").isZero();
    }

    @Test
    void oneThatComesByteByByteIsGatheredInOnePlace() {
        ByteBuf whole = channel.alloc().buffer();
        datagram(whole, 10_000);
        while (whole.isReadable()) {
            send(whole, 1);
        }
        whole.release();
        assertThat(heard).containsExactly("10000 bytes");
        assertThat(alloc.made).isOne();
    }

    /** The buffer that they are gathered in would grow with all that ever came. */
    @Test
    void thoseThatAreNeverCutBetweenThemAreGatheredInAPlaceThatIsLetGo() {
        ByteBuf whole = channel.alloc().buffer();
        for (int i = 0; i < 1_000; i++) {
            datagram(whole, 1_000);
        }
        send(whole, 501);
        while (whole.readableBytes() > 501) {
            send(whole, 1_002);
            assertThat(alloc.used()).isLessThan(5_000);
        }
        send(whole, 501);
        whole.release();
        assertThat(heard).hasSize(1_000).containsOnly("1000 bytes");
    }

    @Test
    void whoHadEnoughIsToldOfNoFurtherOne() {
        closeBehind = 2;
        ByteBuf whole = channel.alloc().buffer();
        for (int i = 1; i < 5; i++) {
            datagram(whole, i);
        }
        send(whole, whole.readableBytes());
        whole.release();
        assertThat(heard).containsExactly("1 bytes", "2 bytes", "closed");
    }

    private static void datagram(ByteBuf to, int bytes) {
        to.writeShort(bytes).writeZero(bytes);
    }

    /** The next so many bytes as one frame of the peer's. */
    private void send(ByteBuf from, int bytes) {
        channel.writeInbound(frame(DATA, 0, bytes).writeBytes(from, bytes));
        // What the session has to say about it is of no interest.
        Outbound.bytes(channel);
    }

    private ByteBuf frame(int type, int flags, int length) {
        return channel.alloc()
                .buffer(12 + length)
                .writeByte(0)
                .writeByte(type)
                .writeShort(flags)
                .writeInt(1)
                .writeInt(length);
    }

    /** Counts the buffers that it makes, and their bytes. */
    private static final class Counting extends AbstractByteBufAllocator {
        private final UnpooledByteBufAllocator unpooled = new UnpooledByteBufAllocator(false);
        private int made;

        long used() {
            return unpooled.metric().usedHeapMemory();
        }

        @Override
        protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
            made++;
            return unpooled.heapBuffer(initialCapacity, maxCapacity);
        }

        @Override
        protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
            return newHeapBuffer(initialCapacity, maxCapacity);
        }

        @Override
        public boolean isDirectBufferPooled() {
            return false;
        }
    }
}
