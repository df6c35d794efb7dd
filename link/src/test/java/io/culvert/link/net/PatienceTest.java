package io.culvert.link.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.link.relay.CloseReason;
import io.culvert.link.relay.LegEvents;
import io.culvert.link.yamux.Yamux;
import io.culvert.link.yamux.YamuxLimits;
import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
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
    private final Mux mux =
            new Mux(channel, Yamux.Role.SERVER, YamuxLimits.acceptor(), Liveness.DEFAULT, new Accepting());
    private final List<CloseReason> failures = new ArrayList<>();
    private @Nullable StreamLeg accepted;

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
        assertThat(failures).isEmpty();
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
        StreamLeg leg = Objects.requireNonNull(accepted);
        leg.attach(new Nobody());
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

    private final class Accepting implements MuxEvents {
        @Override
        public void opened(StreamLeg stream) {
            accepted = stream;
        }

        @Override
        public void goAway(int code) {
            throw new AssertionError("the peer said nothing");
        }

        @Override
        public void closed(String why) {}
    }

    private final class Nobody implements LegEvents {
        @Override
        public void data(ByteBuf bytes) {
            bytes.release();
        }

        @Override
        public void dataComplete() {}

        @Override
        public void ended() {}

        @Override
        public void failed(CloseReason reason) {
            failures.add(reason);
        }

        @Override
        public void writable() {}

        @Override
        public void sent(int bytes) {}
    }
}
