package io.culvert.link.yamux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

/** Credit to the byte, and windows that grow with the path. */
class YamuxWindowsTest {
    private static final int KIB = 1024;
    private static final int WINDOW = Yamux.INITIAL_WINDOW;
    private static final long ROUND_TRIP = 100_000_000;

    @Test
    void creditComesBackOnlyForWhatWasConsumedAndOnceThatIsHalfTheWindow() {
        try (Pair pair = new Pair()) {
            Ear[] stream = pair.stream();
            stream[1].reads = false;
            stream[0].write(WINDOW + 1);
            pair.flow();
            assertThat(stream[1].held).isEqualTo(WINDOW);
            assertThat(stream[0].stream.queued).isEqualTo(1);

            stream[1].consume(WINDOW / 2 - 1);
            assertThat(pair.server.sent()).isEmpty();
            stream[1].consume(1);
            assertThat(pair.server.sent()).isEqualTo("000100000000000100020000");
            stream[1].consume(1);
            assertThat(pair.server.sent()).isEmpty();
            pair.client.receive("000100000000000100020000");
            pair.flow();
            assertThat(stream[1].heard.size()).isEqualTo(WINDOW + 1);
            assertThat(stream[1].stream.credit + stream[1].stream.buffered + 1).isEqualTo(WINDOW);
            stream[1].consume(stream[1].held);
        }
    }

    @Test
    void whatIsConsumedAtOnceKeepsTheStreamGoing() {
        try (Pair pair = new Pair()) {
            Ear[] stream = pair.stream();
            for (int i = 0; i < 40; i++) {
                stream[0].write(100_000);
            }
            pair.flow();
            assertThat(stream[1].heard.size()).isEqualTo(4_000_000);
            assertThat(stream[1].stream.window)
                    .as("without a measured round trip")
                    .isEqualTo(WINDOW);
        }
    }

    @Test
    void aDirectionThatHasEndedIsGivenNoCredit() {
        try (Pair pair = new Pair()) {
            Ear[] stream = pair.stream();
            stream[1].reads = false;
            stream[0].write(WINDOW);
            stream[0].stream.finish();
            pair.flow();
            assertThat(stream[1].ended).isTrue();
            stream[1].consume(WINDOW);
            assertThat(pair.server.sent()).isEmpty();
        }
    }

    @Test
    void moreConsumedThanReceivedIsTheCallersMistake() {
        try (Pair pair = new Pair()) {
            Ear[] stream = pair.stream();
            stream[1].reads = false;
            stream[0].write(10);
            pair.flow();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> stream[1].stream.consumed(11, 0))
                    .withMessage("consumed: 11 (expected: 0 to the 10 bytes that wait)");
            stream[1].consume(10);
        }
    }

    @Test
    void aWindowUsedUpWithinTwoRoundTripsDoublesUntilItsLimit() {
        YamuxLimits limits = new YamuxLimits(9, 9, 9, 1_000 * KIB, 64L << 20, 64L << 20, 64 * KIB);
        try (Pair pair = new Pair(limits, limits)) {
            Ear[] stream = pair.stream();
            pair.server.yamux.roundTrip(ROUND_TRIP);
            assertThat(windowsOver(pair, stream, 5, 2 * ROUND_TRIP - 1))
                    .containsExactly(512 * KIB, 1_000 * KIB, 1_000 * KIB, 1_000 * KIB, 1_000 * KIB);
            assertThat(stream[0].stream.sendWindow).as("what the peer was told").isEqualTo(1_000 * KIB);
        }
    }

    @Test
    void aSlowConsumersWindowStaysAsItIs() {
        try (Pair pair = new Pair()) {
            Ear[] stream = pair.stream();
            pair.server.yamux.roundTrip(ROUND_TRIP);
            assertThat(windowsOver(pair, stream, 5, 2 * ROUND_TRIP)).containsOnly(WINDOW);
        }
    }

    @Test
    void allWindowsTogetherGrowNoFurtherThanTheSessionMay() {
        YamuxLimits limits = new YamuxLimits(9, 9, 9, 16 << 20, 300 * KIB, 64L << 20, 64 * KIB);
        try (Pair pair = new Pair(limits, limits)) {
            Ear[] first = pair.stream();
            Ear[] second = pair.stream();
            pair.server.yamux.roundTrip(ROUND_TRIP);
            assertThat(windowsOver(pair, first, 2, 1)).containsExactly(512 * KIB, 556 * KIB);
            assertThat(windowsOver(pair, second, 2, 1)).containsOnly(WINDOW);
            // What the first one had is free again when it is gone.
            first[0].stream.reset();
            pair.flow();
            assertThat(windowsOver(pair, second, 2, 1)).containsExactly(512 * KIB, 556 * KIB);
        }
    }

    @Test
    void theNextStreamBeginsWithWhatThePathWasFoundToNeed() {
        try (Pair pair = new Pair()) {
            Ear[] first = pair.stream();
            pair.server.yamux.roundTrip(ROUND_TRIP);
            assertThat(windowsOver(pair, first, 2, 1)).containsExactly(512 * KIB, 1024 * KIB);
            Ear[] accepted = pair.stream();
            assertThat(accepted[1].stream.window).isEqualTo(1024 * KIB);
            assertThat(accepted[0].stream.sendWindow)
                    .as("what the peer was told")
                    .isEqualTo(1024 * KIB);
            Ear opened = pair.server.open();
            pair.flow();
            assertThat(opened.stream.window).as("opened here").isEqualTo(1024 * KIB);
            assertThat(pair.client.newest().stream.sendWindow).isEqualTo(1024 * KIB);
            // All of it may come, and is given back as any other.
            accepted[1].reads = false;
            accepted[0].write(1024 * KIB + 1);
            pair.flow();
            assertThat(accepted[1].held).isEqualTo(1024 * KIB);
            accepted[1].consume(accepted[1].held);
            pair.flow();
            assertThat(accepted[1].held).isEqualTo(1);
            accepted[1].consume(1);
        }
    }

    @Test
    void idleStreamsLeaveThreeQuartersOfTheGrowthToThoseThatNeedIt() {
        YamuxLimits limits = new YamuxLimits(999, 999, 999, 16 << 20, 16L << 20, 64L << 20, 64 * KIB);
        try (Pair pair = new Pair(limits, limits)) {
            Ear[] first = pair.stream();
            pair.server.yamux.roundTrip(ROUND_TRIP);
            assertThat(windowsOver(pair, first, 5, 1)).contains(4 << 20, 8 << 20);
            first[0].stream.reset();
            pair.flow();
            Ear[] idle = pair.stream();
            assertThat(idle[1].stream.window).as("half of a quarter").isEqualTo(WINDOW + (2 << 20));
            for (int i = 0; i < 100; i++) {
                idle = pair.stream();
            }
            assertThat(idle[1].stream.window).isLessThan(WINDOW + KIB);
            assertThat(windowsOver(pair, idle, 6, 1)).contains(8 << 20);
        }
    }

    /** The receive window after each full window sent, received and consumed in one go, that much time apart. */
    private static Integer[] windowsOver(Pair pair, Ear[] stream, int times, long apart) {
        Integer[] windows = new Integer[times];
        stream[1].reads = false;
        for (int i = 0; i < times; i++) {
            // A fresh start of the clock: the update before this round happens now.
            int all = (int) stream[0].stream.sendWindow;
            stream[0].write(all);
            pair.flow();
            pair.now = stream[1].stream.updatedAt + apart;
            stream[1].consume(stream[1].held);
            pair.flow();
            windows[i] = stream[1].stream.window;
        }
        return windows;
    }

    @Test
    void bytesOfAStreamThatBothSidesEndedCountUntilTheyAreConsumed() {
        try (Pair pair = new Pair()) {
            Ear[] stream = pair.stream();
            stream[1].reads = false;
            stream[0].write(1_000);
            stream[0].stream.finish();
            stream[1].stream.finish();
            pair.flow();
            assertThat(stream[1].stream.gone()).isTrue();
            assertThat(pair.client.yamux.streams()).isZero();
            assertThat(pair.server.yamux.streams()).isEqualTo(1);
            assertThat(pair.server.yamux.books()).contains("cost 1256,");
            // Nothing of the peer's concerns it any more.
            pair.server.receive("00 01 0008 00000001 00000000" + "00 00 0000 00000001 00000001 ff");
            assertThat(stream[1].reset).isFalse();

            stream[1].consume(400);
            assertThat(pair.server.yamux.streams()).isEqualTo(1);
            stream[1].consume(600);
            assertThat(pair.server.yamux.streams()).isZero();
            assertThat(pair.server.sent()).isEmpty();
        }
    }

    @Test
    void soDoesWhatTheyWereUnpackedToWhereTheyAreConsumedThemselves() {
        try (Pair pair = new Pair()) {
            Ear[] stream = pair.stream();
            stream[0].write(100);
            stream[1].stream.holdsBeside(70_000);
            stream[0].stream.finish();
            stream[1].stream.finish();
            pair.flow();
            assertThat(stream[1].stream.gone()).isTrue();
            assertThat(pair.server.yamux.books()).contains("cost 70000,");
            assertThat(pair.server.held).endsWith(70_000L);
            assertThat(pair.server.yamux.streams()).isOne();
            stream[1].stream.holdsBeside(0);
            assertThat(pair.server.yamux.books()).contains("cost 0,");
            assertThat(pair.server.held).endsWith(0L);
            assertThat(pair.server.yamux.streams()).isZero();
        }
    }

    @Test
    void orUntilSomebodySaysThatTheyNeverWillBe() {
        try (Pair pair = new Pair()) {
            Ear[] stream = pair.stream();
            stream[1].reads = false;
            stream[0].write(1_000);
            stream[0].stream.finish();
            stream[1].stream.finish();
            pair.flow();
            stream[1].stream.reset();
            assertThat(pair.server.yamux.streams()).isZero();
            assertThat(pair.server.sent()).isEmpty();
            stream[1].stream.consumed(1_000, 0);
            assertThat(pair.server.yamux.books()).contains("cost 0,");
        }
    }

    @Test
    void aClosedSessionLeavesThemAlone() {
        Pair pair = new Pair();
        Ear[] stream = pair.stream();
        stream[1].reads = false;
        stream[0].write(1_000);
        stream[0].stream.finish();
        stream[1].stream.finish();
        pair.flow();
        pair.close();
        assertThat(stream[1].ended).isTrue();
        assertThat(stream[1].reset).isFalse();
    }
}
