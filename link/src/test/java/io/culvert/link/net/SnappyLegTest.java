package io.culvert.link.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.link.relay.CloseReason;
import io.culvert.link.relay.LegEvents;
import io.culvert.link.yamux.Yamux;
import io.culvert.link.yamux.YamuxLimits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.compression.SnappyFrameEncoder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a session is charged for streams that are inflated for readers who read nothing. */
class SnappyLegTest {
    private static final int DATA = 0;
    private static final int WINDOW_UPDATE = 1;
    private static final int SYN = 1;
    private static final int KIB = 1024;
    private static final int MOST = 1024 * KIB;

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final Accepting peer = new Accepting();
    private final Mux mux = new Mux(
            channel,
            Yamux.Role.SERVER,
            new YamuxLimits(1, 100, 1, 4 * MOST, 4 * MOST, MOST, 64 * KIB),
            Liveness.DEFAULT,
            new MemoryBudget(() -> 0, 1).share(),
            peer);
    private final List<String> failed = new ArrayList<>();
    private final List<Reader> readers = new ArrayList<>();

    @BeforeEach
    void begin() {
        channel.pipeline().addLast(mux);
    }

    @AfterEach
    void end() {
        channel.finishAndReleaseAll();
        readers.forEach(Reader::drop);
    }

    @Test
    void plainBytesCountAsWhatTheyAreAndNotAsWhatTheyWere() {
        ByteBuf packed = packed(200 * KIB);
        assertThat(packed.readableBytes()).isLessThan(12 * KIB);
        for (int id = 1; id < 11; id += 2) {
            reader(id);
            data(id, packed.retainedDuplicate());
        }
        assertThat(failed).as("five of 200 KiB").isEmpty();
        reader(11);
        data(11, packed);
        assertThat(failed).hasSize(1);
    }

    @Test
    void whatHasLeftIsChargedNoMore() {
        ByteBuf packed = packed(200 * KIB);
        Reader reader = reader(1);
        for (int i = 0; i < 30; i++) {
            data(1, packed.retainedDuplicate());
            reader.drop();
        }
        packed.release();
        assertThat(failed).isEmpty();
    }

    /** The decoder has them, and their credit went back at once. */
    @Test
    void halfChunksCount() {
        for (int id = 1; id < 1 + 2 * 30; id += 2) {
            reader(id);
            data(id, packed(1));
            // A chunk that is stored as it is: its type, and its length, little endian.
            data(id, channel.alloc().buffer().writeByte(1).writeMediumLE(60_000).writeZero(40_000));
        }
        assertThat(failed).as("26 times 40,000 bytes and a little fit").hasSize(4);
    }

    /** Its sender may say that it stands for more than comes: as much is taken for it. */
    @Test
    void aPieceCountsAsTheRoomThatWasTakenForIt() {
        ByteBuf claims = packed(1).writeByte(0).writeMediumLE(4 + 3 + 2).writeIntLE(checksumOfAZero());
        // 65,536 plain bytes, says the length; one literal byte follows.
        claims.writeByte(0x80).writeByte(0x80).writeByte(0x04).writeByte(0).writeByte(0);
        for (int id = 1; id < 1 + 2 * 16; id += 2) {
            reader(id);
            data(id, claims.retainedDuplicate());
        }
        claims.release();
        assertThat(failed).isNotEmpty();
    }

    /** As the encoder writes it. */
    private static int checksumOfAZero() {
        ByteBuf packed = packed(1);
        // Behind the stream's identifier and the chunk's header.
        int checksum = packed.getIntLE(10 + 4);
        packed.release();
        return checksum;
    }

    private static ByteBuf packed(int zeros) {
        EmbeddedChannel encoder = new EmbeddedChannel(new SnappyFrameEncoder());
        encoder.writeOutbound(Unpooled.buffer(zeros).writeZero(zeros));
        ByteBuf all = Unpooled.buffer();
        for (ByteBuf chunk = encoder.readOutbound(); chunk != null; chunk = encoder.readOutbound()) {
            all.writeBytes(chunk);
            chunk.release();
        }
        encoder.finishAndReleaseAll();
        return all;
    }

    private Reader reader(int id) {
        channel.writeInbound(frame(WINDOW_UPDATE, SYN, id, 0));
        StreamLeg stream = peer.stream();
        SnappyLeg leg = new SnappyLeg(stream, stream::holdsBeside);
        Reader reader = new Reader(leg);
        readers.add(reader);
        leg.attach(reader);
        return reader;
    }

    private void data(int id, ByteBuf payload) {
        channel.writeInbound(frame(DATA, 0, id, payload.readableBytes()).writeBytes(payload));
        payload.release();
        Outbound.bytes(channel);
    }

    private ByteBuf frame(int type, int flags, int id, int length) {
        return channel.alloc()
                .buffer(12 + length)
                .writeByte(0)
                .writeByte(type)
                .writeShort(flags)
                .writeInt(id)
                .writeInt(length);
    }

    /** Keeps what it is given until it is told to drop it. */
    private final class Reader implements LegEvents {
        private final SnappyLeg leg;
        private final List<ByteBuf> kept = new ArrayList<>();

        Reader(SnappyLeg leg) {
            this.leg = leg;
        }

        void drop() {
            while (!kept.isEmpty()) {
                ByteBuf first = kept.remove(0);
                int n = first.readableBytes();
                first.release();
                leg.consumed(n);
            }
        }

        @Override
        public void data(ByteBuf bytes) {
            kept.add(bytes);
        }

        @Override
        public void dataComplete() {}

        @Override
        public void ended() {}

        @Override
        public void failed(CloseReason reason) {
            failed.add(reason.toString());
        }

        @Override
        public void writable() {}

        @Override
        public void sent(int bytes) {}
    }
}
