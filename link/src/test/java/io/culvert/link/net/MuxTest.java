package io.culvert.link.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.link.yamux.Yamux;
import io.culvert.link.yamux.YamuxLimits;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When bytes leave; a turn of the loop ends where the test says so. */
class MuxTest {
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final Mux mux = new Mux(
            channel,
            Yamux.Role.SERVER,
            YamuxLimits.opener(),
            Liveness.DEFAULT,
            new MemoryBudget(() -> 0, 1).share(),
            new Owner());

    @BeforeEach
    void begin() {
        channel.pipeline().addLast(mux);
        // The ping is due, and asks for a pump behind this turn.
        endTurn();
        endTurn();
        assertThat(sent()).as("a ping").isPositive();
    }

    @AfterEach
    void end() {
        channel.finishAndReleaseAll();
    }

    @Test
    void littleWaitsForTheEndOfTheTurn() {
        StreamLeg one = stream();
        StreamLeg other = stream();
        write(one, 100_000);
        write(other, 100_000);
        assertThat(sent()).as("two SYNs at most").isLessThan(100);
        endTurn();
        assertThat(sent()).isGreaterThan(200_000);
    }

    @Test
    void whatFillsAPumpGoesAtOnce() {
        StreamLeg one = stream();
        StreamLeg other = stream();
        write(one, 100_000);
        write(other, 200_000);
        assertThat(sent()).isGreaterThan(300_000);
    }

    @Test
    void whatSlowReadersLeaveBehindDoesNotHurryOthers() {
        StreamLeg slow = stream();
        write(slow, Yamux.INITIAL_WINDOW + 300_000);
        assertThat(sent()).as("its window").isBetween(Yamux.INITIAL_WINDOW, Yamux.INITIAL_WINDOW + 1_000);
        StreamLeg quick = stream();
        endTurn();
        assertThat(sent()).as("a SYN").isPositive();
        write(quick, 100);
        assertThat(sent()).isZero();
        endTurn();
        assertThat(sent()).isGreaterThan(100);
    }

    private StreamLeg stream() {
        return Objects.requireNonNull(mux.open());
    }

    private void write(StreamLeg leg, int bytes) {
        leg.write(channel.alloc().buffer(bytes).writeZero(bytes));
        leg.flush();
    }

    private void endTurn() {
        channel.runPendingTasks();
    }

    /** The bytes that have left since the last call. */
    private int sent() {
        return Outbound.bytes(channel);
    }

    private static final class Owner implements MuxEvents {
        @Override
        public void opened(StreamLeg stream) {
            throw new AssertionError("the peer opened nothing");
        }

        @Override
        public void goAway(int code) {
            throw new AssertionError("the peer said nothing");
        }

        @Override
        public void closed(String why) {}
    }
}
