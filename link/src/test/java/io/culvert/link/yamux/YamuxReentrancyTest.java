package io.culvert.link.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Listeners act from within what they are told. */
class YamuxReentrancyTest {
    private final Pair pair = new Pair();
    private final Side client = pair.client;
    private final Side server = pair.server;

    @AfterEach
    void nothingIsLeft() {
        pair.close();
    }

    @Test
    void finishingWhenTheLastByteIsSentEndsTheStreamOnce() {
        Ear[] stream = pair.stream();
        stream[0].onSent = () -> stream[0].stream.finish();
        stream[0].write(10);
        pair.flow();
        pair.flow();
        assertThat(stream[1].ended).isTrue();
        assertThat(stream[1].heard.size()).isEqualTo(10);
    }

    @Test
    void writingWhenBytesAreSentGoesOnInOrder() {
        Ear[] stream = pair.stream();
        int[] left = {299};
        stream[0].onSent = () -> {
            if (left[0]-- > 0) {
                stream[0].write(1_000);
            } else {
                stream[0].stream.finish();
            }
        };
        stream[0].write(1_000);
        pair.flow();
        assertThat(stream[1].heard.size()).isEqualTo(300_000);
        assertThat(stream[1].ended).isTrue();
    }

    @Test
    void resettingWhenBytesAreSent() {
        Ear[] stream = pair.stream();
        stream[0].onSent = () -> stream[0].stream.reset();
        stream[0].write(100_000).write(100_000);
        pair.flow();
        assertThat(stream[0].sent).isEqualTo(65_536);
        assertThat(stream[1].reset).isTrue();
    }

    @Test
    void resettingWhenDataComes() {
        Ear[] stream = pair.stream();
        stream[1].onData = () -> stream[1].stream.reset();
        stream[0].write(200_000).stream.finish();
        pair.flow();
        assertThat(stream[1].calls).isEqualTo(1);
        assertThat(stream[1].ended).isFalse();
        assertThat(stream[0].reset).isTrue();
    }

    @Test
    void resettingOnTheLastByteBeforeTheEnd() {
        Ear[] stream = pair.stream();
        stream[1].onData = () -> stream[1].stream.reset();
        server.receive(Side.data(Frame.FIN, 1, 2) + "0102");
        assertThat(stream[1].ended).isFalse();
        pair.flow();
        assertThat(stream[0].reset).isTrue();
    }

    @Test
    void answeringAndEndingWhenDataComes() {
        Ear[] stream = pair.stream();
        stream[1].onData = () -> {
            if (!stream[1].stream.finWanted) {
                stream[1].write(3).stream.finish();
            }
        };
        stream[1].onEnded = () -> stream[1].stream.finish();
        stream[0].onEnded = () -> stream[0].write(4).stream.finish();
        stream[0].write(3);
        pair.flow();
        assertThat(stream[0].heard.size()).isEqualTo(3);
        assertThat(stream[1].heard.size()).isEqualTo(7);
        assertThat(stream[0].ended && stream[1].ended).isTrue();
        assertThat(client.yamux.streams() + server.yamux.streams()).isZero();
    }

    @Test
    void resettingWhenThePeerEnds() {
        Ear[] stream = pair.stream();
        stream[1].onEnded = () -> stream[1].stream.reset();
        stream[0].stream.finish();
        pair.flow();
        assertThat(stream[0].reset).isTrue();

        Ear[] both = pair.stream();
        both[1].onEnded = () -> both[1].stream.reset();
        both[1].stream.finish();
        server.yamux.pump(100);
        both[0].stream.finish();
        pair.flow();
        assertThat(both[0].reset).as("a reset of a stream that is over").isFalse();
    }

    @Test
    void writingWhenWritableAgain() {
        Ear[] stream = pair.stream();
        stream[0].onWritable = () -> {
            if (stream[0].writables < 5) {
                stream[0].write(100_000);
                assertThat(stream[0].stream.writable()).isFalse();
            }
        };
        stream[0].write(100_000);
        assertThat(stream[0].stream.writable()).isFalse();
        pair.flow();
        assertThat(stream[0].writables).isEqualTo(5);
        assertThat(stream[1].heard.size()).isEqualTo(500_000);
    }

    @Test
    void endingWhenWritableAgain() {
        Ear[] stream = pair.stream();
        stream[0].onWritable = () -> stream[0].stream.finish();
        stream[0].write(100_000);
        assertThat(stream[0].stream.writable()).isFalse();
        pair.flow();
        assertThat(stream[1].ended).isTrue();
        assertThat(stream[0].writables).isEqualTo(1);
    }

    @Test
    void aStreamResetAsItIsAcceptedHearsNothingOfItsOwnFrame() {
        server.onOpened = ear -> ear.stream.reset();
        server.receive(
                "00 00 0005 00000001 00000002 0102" + "00 01 0009 00000003 00000000" + "00 01 0005 00000005 00000010");
        assertThat(server.accepted).hasSize(3).allSatisfy(ear -> {
            assertThat(ear.calls).isZero();
            assertThat(ear.ended).isFalse();
            assertThat(ear.reset).isFalse();
        });
        assertThat(server.yamux.books()).isEqualTo("opened 0, unacknowledged 0, queued 0, cost 0, growth 0");
    }

    @Test
    void answeringAsItIsAccepted() {
        server.onOpened = ear -> ear.write(5).stream.finish();
        Ear stream = client.open();
        pair.flow();
        assertThat(stream.heard.size()).isEqualTo(5);
        assertThat(stream.ended).isTrue();
    }

    @Test
    void openingWhenAStreamIsResetOrEnds() {
        Ear[] stream = pair.stream();
        Ear[] next = new Ear[1];
        stream[0].onReset = () -> next[0] = client.open().write(7);
        stream[1].stream.reset();
        pair.flow();
        assertThat(server.newest().heard.size()).isEqualTo(7);
        assertThat(next[0].stream.id()).isEqualTo(3);
    }

    @Test
    void resettingAnotherStreamInTheMiddleOfAPump() {
        Ear[] one = pair.stream();
        Ear[] two = pair.stream();
        one[0].onSent = () -> two[0].stream.reset();
        one[0].write(10);
        two[0].write(10);
        pair.flow();
        assertThat(two[0].sent).isZero();
        assertThat(two[1].reset).isTrue();
        assertThat(one[1].heard.size()).isEqualTo(10);
    }

    @Test
    void closingTheSessionFromWithinData() {
        Ear[] one = pair.stream();
        Ear[] two = pair.stream();
        one[1].onData = () -> server.yamux.close();
        one[1].reads = false;
        server.receive(Side.data(0, 1, 2) + "0102" + Side.data(0, 3, 2) + "0102"
                + Side.frame(Frame.WINDOW_UPDATE, Frame.SYN, 5, 0));
        assertThat(two[1].reset).isTrue();
        assertThat(two[1].calls).isZero();
        assertThat(server.accepted).hasSize(2);
        assertThat(server.sent()).isEmpty();
        assertThat(one[0].reset).isFalse();
    }

    @Test
    void closingTheSessionInTheMiddleOfAPump() {
        Ear[] one = pair.stream();
        Ear[] two = pair.stream();
        one[0].onSent = () -> client.yamux.close();
        one[0].write(100_000);
        two[0].write(100_000);
        assertThat(client.yamux.pump(Integer.MAX_VALUE)).isEqualTo(65_536 + 12);
        assertThat(two[0].reset).isTrue();
        assertThat(client.yamux.wantsToSend()).isFalse();
    }

    @Test
    void theGreediestMayAnswerItsResetByEndingAnother() {
        YamuxLimits limits = new YamuxLimits(9, 9, 9, Yamux.INITIAL_WINDOW, 0, Yamux.INITIAL_WINDOW, 65_536);
        try (Pair tight = new Pair(limits, limits)) {
            Ear[] greedy = tight.stream();
            Ear[] late = tight.stream();
            greedy[1].reads = false;
            late[1].reads = false;
            greedy[1].onReset = () -> late[1].stream.reset();
            greedy[0].write(200_000);
            tight.flow();
            late[0].write(100_000);
            tight.flow();
            assertThat(greedy[1].reset).isTrue();
            assertThat(late[0].reset).isTrue();
            assertThat(tight.server.yamux.streams()).isZero();
        }
    }

    @Test
    void closingWhenAnAckIsSentBreaksOffAllOthers() {
        Ear[] one = pair.stream();
        Ear[] other = pair.stream();
        server.onSend = server.yamux::close;
        client.open();
        pair.flow();
        assertThat(one[1].reset).isTrue();
        assertThat(other[1].reset).isTrue();
        assertThat(server.accepted).as("the new one is nobody's").hasSize(2);
    }

    @Test
    void closingWhenTheLastFinIsSentDoesNotBreakOffWhatIsOver() {
        Ear[] stream = pair.stream();
        stream[1].write(10);
        pair.flow();
        stream[0].stream.finish();
        pair.flow();
        server.onSend = server.yamux::close;
        stream[1].stream.finish();
        assertThat(server.sent()).as("FIN").hasSize(24);
        assertThat(stream[1].reset).isFalse();
        assertThat(server.yamux.books()).isEqualTo("opened 0, unacknowledged 0, queued 0, cost 0, growth 0");
    }
}
