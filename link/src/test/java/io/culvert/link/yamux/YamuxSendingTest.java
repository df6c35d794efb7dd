package io.culvert.link.yamux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whose turn it is to send, and in what order a stream's bytes and ends go out. */
class YamuxSendingTest {
    private static final int WINDOW = Yamux.INITIAL_WINDOW;

    private final Pair pair = new Pair();
    private final Side client = pair.client;
    private final Side server = pair.server;

    @AfterEach
    void nothingIsLeft() {
        pair.close();
    }

    @Test
    void streamsWithEndlessDataGetEqualShares() {
        List<Ear> streams = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            streams.add(client.open().write(WINDOW));
        }
        // Six turns for ten streams, 64 KiB each.
        client.yamux.pump(6 * 65_536);
        assertThat(streams)
                .extracting(ear -> ear.sent)
                .containsExactly(65_536, 65_536, 65_536, 65_536, 65_536, 65_536, 0, 0, 0, 0);
        client.yamux.pump(4 * 65_536);
        assertThat(streams).extracting(ear -> ear.sent).containsOnly(65_536);
        client.yamux.pump(15 * 65_536);
        client.yamux.pump(5 * 65_536);
        assertThat(streams).extracting(ear -> ear.sent).containsOnly(3 * 65_536);
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 1_000, 4_096, 30_000})
    void aStreamOfSmallWritesGetsNearlyAsMuchAsOneOfBigOnes(int size) {
        Ear small = client.open();
        Ear big = client.open().write(WINDOW);
        for (int i = 0; i < 120_000 / size; i++) {
            small.write(size);
        }
        // A turn each: the first does not use the budget up, the second does.
        client.yamux.pump(100_000);
        assertThat(big.sent).isEqualTo(65_536);
        assertThat(small.sent).isCloseTo(60_000, within(6_000));
    }

    @Test
    void aFrameNeverCarriesBytesOfTwoWrites() {
        Ear[] stream = pair.stream();
        stream[0].write(100).write(200).write(70_000).write(1);
        List<Integer> pieces = new ArrayList<>();
        stream[1].onData = () -> pieces.add(stream[1].held);
        pair.flow();
        assertThat(pieces).containsExactly(100, 200, 65_536, 70_000 - 65_536, 1);
    }

    @Test
    void aStreamWhoseWindowIsClosedHoldsUpNobody() {
        Ear[] stuck = pair.stream();
        Ear[] free = pair.stream();
        stuck[1].reads = false;
        stuck[0].write(WINDOW + 10).stream.finish();
        pair.flow();
        assertThat(client.yamux.wantsToSend()).isFalse();
        free[0].write(1_000_000);
        pair.flow();
        assertThat(free[1].heard.size()).isEqualTo(1_000_000);
        assertThat(stuck[1].ended).isFalse();
        stuck[1].consume(WINDOW);
        pair.flow();
        assertThat(stuck[1].heard.size()).isEqualTo(WINDOW + 10);
        assertThat(stuck[1].ended).as("the end behind the last byte").isTrue();
        stuck[1].consume(10);
    }

    @Test
    void thePumpStopsAtItsBudgetAndTellsWhetherThereIsMore() {
        client.open().write(WINDOW);
        assertThat(client.yamux.pump(1)).isEqualTo(65_536 + 12);
        assertThat(client.yamux.wantsToSend()).isTrue();
        assertThat(client.yamux.pump(Integer.MAX_VALUE)).isEqualTo(3 * (65_536 + 12));
        assertThat(client.yamux.wantsToSend()).isFalse();
        assertThat(client.yamux.pump(Integer.MAX_VALUE)).isZero();
    }

    @Test
    void wantsToSendDoesNotCountStreamsThatHaveGone() {
        Ear one = client.open().write(10);
        Ear two = client.open().write(10);
        one.stream.reset();
        assertThat(client.yamux.wantsToSend()).isTrue();
        two.stream.reset();
        assertThat(client.yamux.wantsToSend()).isFalse();
        client.open().write(10);
        assertThat(client.yamux.pump(Integer.MAX_VALUE)).isEqualTo(22);
    }

    @Test
    void eitherSideMayEndFirstAndStillReceives() {
        Ear[] stream = pair.stream();
        stream[0].write(5).stream.finish();
        pair.flow();
        assertThat(stream[1].ended).isTrue();
        assertThat(stream[0].ended).isFalse();
        stream[1].write(500_000);
        pair.flow();
        assertThat(stream[0].heard.size()).isEqualTo(500_000);
        stream[1].stream.finish();
        pair.flow();
        assertThat(stream[0].ended).isTrue();
        assertThat(client.yamux.streams() + server.yamux.streams()).isZero();

        Ear[] other = pair.stream();
        other[1].stream.finish();
        pair.flow();
        other[0].write(500_000);
        pair.flow();
        other[0].stream.finish();
        pair.flow();
        assertThat(other[1].heard.size()).isEqualTo(500_000);
        assertThat(other[0].ended && other[1].ended).isTrue();
        assertThat(client.yamux.streams() + server.yamux.streams()).isZero();
    }

    @Test
    void bothMayEndAtOnce() {
        Ear[] stream = pair.stream();
        stream[0].stream.finish();
        stream[1].stream.finish();
        client.yamux.pump(100);
        server.yamux.pump(100);
        pair.flow();
        assertThat(stream[0].ended && stream[1].ended).isTrue();
        assertThat(client.yamux.streams() + server.yamux.streams()).isZero();
    }

    @Test
    void whatIsWrittenBehindTheEndOrTheResetIsDropped() {
        Ear[] stream = pair.stream();
        stream[0].stream.finish();
        stream[0].write(10);
        pair.flow();
        assertThat(stream[1].heard.size()).isZero();
        stream[0].stream.reset();
        stream[0].write(10).stream.finish();
        assertThat(client.pumped()).isEqualTo("000100080000000100000000");
        assertThat(pair.memory()).isZero();
        stream[1].write(0);
        assertThat(server.pumped()).as("for an empty write").isEmpty();
    }

    @Test
    void aResetDropsTheQueueAndTravels() {
        Ear[] stream = pair.stream();
        stream[1].reads = false;
        stream[0].write(WINDOW).write(50_000).write(50_000);
        pair.flow();
        assertThat(pair.memory()).isEqualTo(100_000);
        stream[0].stream.reset();
        assertThat(pair.memory()).isEqualTo(12);
        pair.flow();
        assertThat(stream[1].reset).isTrue();
        assertThat(stream[0].reset).as("who resets hears nothing").isFalse();
        assertThat(server.yamux.books()).isEqualTo("opened 0, unacknowledged 0, queued 0, cost 0, growth 0");
    }

    @Test
    void thePeersResetDropsTheQueueToo() {
        Ear[] stream = pair.stream();
        stream[0].write(WINDOW + 50_000);
        client.receive("00 01 0008 00000001 00000000");
        assertThat(stream[0].reset).isTrue();
        assertThat(client.pumped()).isEmpty();
        assertThat(pair.memory()).isZero();
        stream[0].stream.reset();
        assertThat(client.sent()).isEmpty();
    }

    @Test
    void aResetThatArrivesWithinAFrameSkipsTheRestOfIt() {
        Ear[] stream = pair.stream();
        stream[1].onData = () -> stream[1].stream.reset();
        stream[1].reads = false;
        server.receive(Side.data(0, 1, 4) + "01");
        server.receive("020304" + "00 02 0001 00000000 00000001");
        assertThat(stream[1].heard.size()).isEqualTo(1);
        assertThat(server.sent()).isEqualTo("000100080000000100000000" + "000200020000000000000001");
    }

    @Test
    void aResetWithDataOnItTakesTheDataAway() {
        Ear[] stream = pair.stream();
        server.receive(Side.data(Frame.RST, 1, 3) + "010203" + "00 02 0001 00000000 00000001");
        assertThat(stream[1].reset).isTrue();
        assertThat(stream[1].calls).isZero();
        assertThat(server.sent()).isEqualTo("000200020000000000000001");
    }

    @Test
    void aClosedSessionResetsEveryStreamSendsNothingAndReadsNoMore() {
        try (Pair narrow = new Pair(new YamuxLimits(99, 99, 2, WINDOW, 0, WINDOW, 1024), Pair.ROOMY)) {
            List<Ear> streams = new ArrayList<>();
            for (int i = 0; i < 9; i++) {
                streams.add(narrow.client.open().write(10));
            }
            narrow.client.sent();
            // Resetting the two that went out must not let those that wait
            // go out, nor may a listener's own reset be heard outside.
            streams.get(0).onReset = () -> streams.get(1).stream.reset();
            narrow.client.yamux.close();
            assertThat(narrow.client.sent()).isEmpty();
            assertThat(streams).filteredOn(ear -> ear.reset).hasSize(8);
            assertThat(streams).allMatch(ear -> ear.stream.gone());
            assertThat(narrow.client.yamux.open(0)).isNull();
            narrow.client.receive("00 01 0001 00000002 00000000" + "00 02 0001 00000000 00000001");
            assertThat(narrow.client.accepted).isEmpty();
            assertThat(narrow.client.pumped()).isEmpty();
            narrow.client.yamux.close();
        }
    }

    @Test
    void partsOfABufferAreSentWithoutCopying() {
        Ear stream = client.open();
        ByteBuf buffer = Unpooled.wrappedBuffer(new byte[100_000]);
        stream.stream.write(buffer);
        client.sent();
        client.yamux.pump(1);
        assertThat(buffer.refCnt()).as("the first slice and the rest").isEqualTo(2);
        client.yamux.pump(1);
        // TLS writes into the spare room of what it gets: not while the first piece lies in front of it.
        assertThat(client.out.peekLast()).isNotSameAs(buffer);
        assertThat(client.sent()).hasSize(2 * (100_000 + 24));
        assertThat(buffer.refCnt()).isZero();

        ByteBuf alone = Unpooled.wrappedBuffer(new byte[10]);
        stream.stream.write(alone);
        client.yamux.pump(1);
        assertThat(client.out.peekLast()).isSameAs(alone);
    }
}
