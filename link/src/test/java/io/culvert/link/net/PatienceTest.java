package io.culvert.link.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.link.yamux.Yamux;
import io.culvert.link.yamux.YamuxLimits;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the peer does not wait for travels with what it does; time and turns of the loop pass where the test says so. */
class PatienceTest {
    private static final int HEADER = 12;
    private static final int WINDOW_UPDATE = 1;
    private static final int SYN = 1;
    private static final int FIN = 4;

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final Accepting peer = new Accepting();
    private final Mux mux = new Mux(
            channel,
            Yamux.Role.SERVER,
            YamuxLimits.acceptor(),
            Liveness.DEFAULT,
            new MemoryBudget(() -> 0, 1).share(),
            peer);
    private final List<String> heard = new ArrayList<>();

    @BeforeEach
    void begin() {
        channel.freezeTime();
        channel.pipeline().addLast(mux);
        endTurn();
        assertThat(sent()).as("a ping").isEqualTo(HEADER);
    }

    @AfterEach
    void end() {
        channel.finishAndReleaseAll();
    }

    @Test
    void anAckTravelsWithTheFirstBytes() {
        StreamLeg leg = opened();
        assertThat(sent()).isZero();
        write(leg, 100);
        assertThat(sent()).as("ACK and bytes").isEqualTo(HEADER + HEADER + 100);
        passAMillisecond();
        assertThat(sent()).isZero();
    }

    @Test
    void anAckAloneGoesInItsTime() {
        opened();
        assertThat(sent()).isZero();
        passAMillisecond();
        assertThat(sent()).isEqualTo(HEADER);
    }

    @Test
    void theEndOfAStreamThatIsOverWaits() {
        StreamLeg leg = opened();
        write(leg, 100);
        fromPeer(FIN);
        sent();
        leg.end();
        endTurn();
        assertThat(sent()).isZero();
        passAMillisecond();
        assertThat(sent()).as("FIN").isEqualTo(HEADER);
    }

    @Test
    void theEndOfAStreamThatIsOverDoesNotFailWithItsSession() {
        StreamLeg leg = opened();
        write(leg, 100);
        fromPeer(FIN);
        sent();
        leg.end();
        mux.end(0, "done");
        assertThat(sent()).as("FIN and the goodbye").isEqualTo(HEADER + HEADER);
        assertThat(heard).doesNotContain("failed");
    }

    @Test
    void anEndThatIsTheWholeAnswerGoesAtOnce() {
        StreamLeg leg = opened();
        fromPeer(FIN);
        leg.end();
        endTurn();
        assertThat(sent()).as("ACK and FIN").isEqualTo(HEADER + HEADER);
    }

    @Test
    void theEndOfAnAnswerGoesAtOnce() {
        StreamLeg leg = opened();
        fromPeer(FIN);
        write(leg, 100);
        sent();
        leg.end();
        endTurn();
        assertThat(sent()).as("FIN").isEqualTo(HEADER);
    }

    @Test
    void theFirstEndGoesAtOnce() {
        StreamLeg leg = opened();
        write(leg, 100);
        sent();
        leg.end();
        endTurn();
        assertThat(sent()).as("FIN").isEqualTo(HEADER);
    }

    private StreamLeg opened() {
        fromPeer(SYN);
        StreamLeg leg = peer.stream();
        leg.attach(new Listening(heard));
        endTurn();
        return leg;
    }

    private void fromPeer(int flags) {
        channel.writeInbound(channel.alloc()
                .buffer(HEADER)
                .writeByte(0)
                .writeByte(WINDOW_UPDATE)
                .writeShort(flags)
                .writeInt(1)
                .writeInt(0));
    }

    private void write(StreamLeg leg, int bytes) {
        leg.write(channel.alloc().buffer(bytes).writeZero(bytes));
        leg.flush();
        endTurn();
    }

    private void endTurn() {
        channel.runPendingTasks();
        // What timers of the first call asked for.
        channel.runPendingTasks();
    }

    private void passAMillisecond() {
        channel.advanceTimeBy(1, TimeUnit.MILLISECONDS);
        endTurn();
    }

    /** The bytes that have left since the last call. */
    private int sent() {
        return Outbound.bytes(channel);
    }
}
