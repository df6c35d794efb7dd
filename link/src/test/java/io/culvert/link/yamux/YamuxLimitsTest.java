package io.culvert.link.yamux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A session costs no more than it may. */
class YamuxLimitsTest {
    private static final int WINDOW = Yamux.INITIAL_WINDOW;

    @Test
    void oneMoreThanThePeerHasRoomForWaitsForItsAck() {
        try (Pair pair = new Pair()) {
            List<Ear> streams = new ArrayList<>();
            for (int i = 0; i < 258; i++) {
                streams.add(pair.client.open());
            }
            streams.get(256).write(3);
            assertThat(pair.client.pumped()).hasSize(256 * 24).doesNotEndWith("00000201" + "00000000");
            // The 257th has id 513, 0x201.
            pair.client.receive("00 01 0002 00000001 00000000");
            assertThat(pair.client.pumped())
                    .isEqualTo("000100010000020100000000" + "000000000000020100000003" + "001f3e");
            pair.client.receive("00 01 0002 00000001 00000000");
            assertThat(pair.client.sent()).as("at a second ACK of the same").isEmpty();
            // A refusal and a reset of our own make room as well.
            pair.client.receive("00 01 0008 00000003 00000000");
            assertThat(pair.client.sent()).isEqualTo("000100010000020300000000");
            assertThat(streams.get(1).reset).isTrue();
        }
    }

    @Test
    void anAckMayComeWithDataOrNotAtAll() {
        try (Pair pair = new Pair(new YamuxLimits(9, 9, 1, WINDOW, 0, WINDOW, 1024), Pair.ROOMY)) {
            Ear first = pair.client.open();
            Ear second = pair.client.open();
            pair.client.sent();
            pair.client.receive("00 00 0002 00000001 00000001 ff");
            assertThat(pair.client.sent()).isEqualTo("000100010000000300000000");
            assertThat(first.heard.size()).isEqualTo(1);
            pair.client.open();
            second.stream.reset();
            assertThat(pair.client.sent()).isEqualTo("000100010000000500000000" + "000100080000000300000000");
        }
    }

    @Test
    void aStreamResetWhileItWaitsWasNeverSeen() {
        try (Pair pair = new Pair(new YamuxLimits(9, 9, 1, WINDOW, 0, WINDOW, 1024), Pair.ROOMY)) {
            pair.client.open();
            Ear second = pair.client.open();
            Ear third = pair.client.open();
            second.write(10).stream.reset();
            third.write(10).stream.finish();
            pair.flow();
            assertThat(pair.server.accepted).extracting(ear -> ear.stream.id()).containsExactly(1, 5);
            assertThat(pair.server.newest().heard.size()).isEqualTo(10);
            assertThat(pair.server.newest().ended).isTrue();
        }
    }

    @Test
    void streamsThatComeAndGoUnacknowledgedLeaveNothingBehind() {
        Line line = new Line();
        try (Pair pair = new Pair(new YamuxLimits(9, 9, 1, WINDOW, 0, WINDOW, 1024), Pair.ROOMY)) {
            pair.client.open();
            Ear patient = pair.client.open();
            line.add(patient.stream);
            for (int i = 0; i < 10_000; i++) {
                Ear hasty = pair.client.open();
                line.add(hasty.stream);
                hasty.stream.reset();
                line.lostOne();
                assertThat(line.places()).isLessThanOrEqualTo(3);
            }
            assertThat(pair.client.yamux.streams()).isEqualTo(2);
            assertThat(line.isEmpty()).isFalse();
            assertThat(line.poll()).isSameAs(patient.stream);
            assertThat(line.isEmpty()).isTrue();
            assertThat(line.poll()).isNull();
        }
    }

    @Test
    void openStreamsAreCounted() {
        try (Pair pair = new Pair(new YamuxLimits(2, 9, 9, WINDOW, 0, WINDOW, 1024), Pair.ROOMY)) {
            Ear first = pair.client.open();
            pair.client.open();
            assertThat(pair.client.yamux.open(0)).isNull();
            first.stream.reset();
            assertThat(pair.client.open().stream.id()).isEqualTo(5);
        }
    }

    @Test
    void oneAcceptedTooManyIsRefusedByResetAndItsDataSkipped() {
        try (Pair pair = new Pair(Pair.ROOMY, new YamuxLimits(9, 1, 9, WINDOW, 0, WINDOW, 1024))) {
            Ear first = pair.client.open();
            Ear second = pair.client.open();
            second.write(100_000);
            pair.flow();
            assertThat(pair.server.accepted).hasSize(1);
            assertThat(second.reset).isTrue();
            assertThat(first.reset).isFalse();
            // There is room again once the first is over.
            first.stream.reset();
            pair.flow();
            pair.client.open();
            pair.flow();
            assertThat(pair.server.accepted).hasSize(2);
        }
    }

    @Test
    void noneIsAcceptedWhereThePeerMayOpenNone() {
        try (Pair pair = new Pair(YamuxLimits.opener(), YamuxLimits.acceptor())) {
            Ear wrong = pair.server.open();
            pair.flow();
            assertThat(wrong.reset).isTrue();
            assertThat(pair.client.accepted).isEmpty();
        }
    }

    @Test
    void idsAreUsedUpAfterTheLast() {
        try (Pair pair = new Pair()) {
            pair.client.yamux.skipIdsTo(Integer.MAX_VALUE);
            assertThat(pair.client.yamux.idsUsedUp()).isFalse();
            assertThat(pair.client.open().stream.id()).isEqualTo(Integer.MAX_VALUE);
            assertThat(pair.client.yamux.idsUsedUp()).isTrue();
            assertThat(pair.client.yamux.open(0)).isNull();
            assertThat(pair.client.sent()).isEqualTo("000100017fffffff00000000");
            pair.server.yamux.skipIdsTo(Integer.MAX_VALUE - 1);
            assertThat(pair.server.open().stream.id()).isEqualTo(Integer.MAX_VALUE - 1);
            assertThat(pair.server.yamux.idsUsedUp()).isTrue();
        }
    }

    @Test
    void rust_yamux_who_holds_most_is_reset_and_nobody_else() {
        YamuxLimits limits = new YamuxLimits(9, 9, 9, WINDOW, 0, WINDOW + 100_000, 64 * 1024);
        try (Pair pair = new Pair(limits, limits)) {
            Ear[] modest = pair.stream();
            Ear[] greedy = pair.stream();
            Ear[] reader = pair.stream();
            modest[1].reads = false;
            greedy[1].reads = false;
            greedy[0].write(220_000);
            modest[0].write(150_000);
            reader[0].write(1_000_000);
            pair.flow();
            assertThat(greedy[1].reset).isTrue();
            assertThat(greedy[0].reset).as("told to the peer").isTrue();
            assertThat(modest[1].reset).isFalse();
            assertThat(modest[1].held).isEqualTo(150_000);
            assertThat(reader[1].heard.size()).isEqualTo(1_000_000);
            modest[1].consume(150_000);
            assertThat(pair.server.yamux.books()).contains("cost 0,");
        }
    }

    @Test
    void smallPiecesCountForWhatTheyCost() {
        YamuxLimits limits = new YamuxLimits(9, 9, 9, WINDOW, 0, WINDOW, 64 * 1024);
        try (Pair pair = new Pair(limits, limits)) {
            Ear[] stream = pair.stream();
            stream[1].reads = false;
            int pieces = 0;
            while (!stream[1].reset && pieces < WINDOW) {
                pair.server.receive(Side.data(0, 1, 1) + "ff");
                pieces++;
            }
            // A byte, of a buffer of thirteen.
            assertThat(pieces).isEqualTo(WINDOW / (13 / 4 + 256) + 1);
        }
    }

    @Test
    void aSliceCountsForAFourthOfTheBufferThatItKeeps() {
        try (Pair pair = new Pair()) {
            Ear[] stream = pair.stream();
            stream[1].reads = false;
            // Behind the frame stands what is not kept: bytes of a stream that nobody knows.
            pair.server.receive(
                    Side.data(0, 1, 20_000) + "ab".repeat(20_000) + Side.data(0, 99, 100_000) + "cd".repeat(100_000));
            assertThat(pair.server.yamux.books()).contains("cost " + (120_024 / 4 + 256) + ",");
            stream[1].consume(20_000);
            assertThat(pair.server.yamux.books()).contains("cost 0,");
        }
    }

    @Test
    void whatIsHeldIsToldByAndByBothWays() {
        try (Pair pair = new Pair()) {
            Ear[] stream = pair.stream();
            stream[1].reads = false;
            stream[0].write(60_000);
            assertThat(pair.client.held).isEmpty();
            stream[0].write(60_000);
            assertThat(pair.client.held).containsExactly(120_000L);
            pair.flow();
            assertThat(pair.client.held).containsExactly(120_000L, 0L);
            assertThat(pair.server.held).hasSize(1);
            stream[1].consume(120_000);
            assertThat(pair.server.held).hasSize(2).endsWith(0L);
        }
    }

    @Test
    void aStreamThatIsOverButStillHeldCanBeTheGreediestToo() {
        YamuxLimits limits = new YamuxLimits(9, 9, 9, WINDOW, 0, WINDOW + 100_000, 64 * 1024);
        try (Pair pair = new Pair(limits, limits)) {
            Ear[] over = pair.stream();
            Ear[] next = pair.stream();
            over[1].reads = false;
            next[1].reads = false;
            over[0].write(200_000).stream.finish();
            over[1].stream.finish();
            pair.flow();
            next[0].write(190_000);
            pair.flow();
            assertThat(over[1].reset).isTrue();
            assertThat(next[1].held).isEqualTo(190_000);
            assertThat(pair.server.yamux.books()).doesNotContain("cost 0,");
        }
    }

    @Test
    void theSourceRestsWhenItsQueueIsFullInBytesOrInPieces() {
        try (Pair pair = new Pair()) {
            Ear[] stream = pair.stream();
            stream[0].write(64 * 1024 - 1);
            assertThat(stream[0].stream.writable()).isTrue();
            stream[0].write(1);
            assertThat(stream[0].stream.writable()).isFalse();
            pair.flow();
            assertThat(stream[0].writables).isEqualTo(1);
            for (int i = 0; i < 63; i++) {
                stream[0].write(1);
            }
            assertThat(stream[0].stream.writable()).isTrue();
            stream[0].write(1);
            assertThat(stream[0].stream.writable()).isFalse();
            pair.flow();
            assertThat(stream[0].writables).isEqualTo(2);
        }
    }

    /** 256 bytes of each stand for its buffer, so that small ones are bounded too. */
    @Test
    void aBurstOfDatagramsIsTakenUpToABound() {
        try (Pair pair = new Pair()) {
            Ear[] stream = pair.stream();
            int taken = 0;
            for (; stream[0].stream.takesDatagram(); taken++) {
                stream[0].write(1200);
            }
            assertThat(taken).isEqualTo(256 * 1024 / (1200 + 256) + 1);
            pair.flow();
            assertThat(stream[0].stream.takesDatagram()).isTrue();
            assertThat(stream[1].heard.size()).isEqualTo(1200 * taken);
        }
    }

    @Test
    void aFullSessionLeavesEachStreamALittle() {
        try (Pair pair = new Pair()) {
            ByteBuf block = pair.client.pattern(1 << 20);
            for (int i = 0; i < 16; i++) {
                Ear full = pair.client.open();
                full.stream.write(block.retainedDuplicate());
            }
            block.release();
            Ear late = pair.client.open();
            late.write(1023);
            assertThat(late.stream.writable()).isTrue();
            late.write(1);
            assertThat(late.stream.writable()).isFalse();
            // Its own queue is sent, so it hears of its turn although the session is as full as before.
            pair.flow();
            assertThat(late.writables).isEqualTo(1);
        }
    }

    @Test
    void limitsThatMakeNoSenseAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new YamuxLimits(0, 0, 1, WINDOW, 0, WINDOW, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new YamuxLimits(1, -1, 1, WINDOW, 0, WINDOW, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new YamuxLimits(1, 0, 0, WINDOW, 0, WINDOW, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new YamuxLimits(1, 0, 1, WINDOW - 1, 0, WINDOW, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new YamuxLimits(1, 0, 1, WINDOW, -1, WINDOW, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new YamuxLimits(1, 0, 1, WINDOW, 0, WINDOW - 1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new YamuxLimits(1, 0, 1, WINDOW, 0, WINDOW, 0));
    }
}
