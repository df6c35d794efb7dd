package io.culvert.link.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.link.relay.CloseReason;
import io.culvert.link.yamux.Yamux;
import io.culvert.link.yamux.YamuxLimits;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two sessions of one process, whose peers grant nothing beyond the first window, so that what is written behind it stays. */
class MemoryBudgetTest {
    private static final int MIB = 1 << 20;
    private static final long MOST = 80L * MIB;
    private static final long PLENTY = MOST / 4 * 3;

    private final AtomicLong used = new AtomicLong();
    private final MemoryBudget budget = new MemoryBudget(used::get, MOST);
    private final List<String> heard = new ArrayList<>();
    private final Session one = new Session();
    private final Session other = new Session();

    @AfterEach
    void end() {
        one.channel.finishAndReleaseAll();
        other.channel.finishAndReleaseAll();
    }

    @Test
    void whereThereIsRoomNobodyPays() {
        one.stream("much", 30 * MIB);
        used.set(PLENTY);
        other.stream("little", 5 * MIB);
        turns();
        assertThat(heard).isEmpty();
    }

    @Test
    void theGreediestStreamOfTheGreediestSessionPaysWhoeverAsks() {
        one.stream("much", 9 * MIB);
        one.stream("less", 3 * MIB);
        other.stream("most of all streams", 10 * MIB);
        used.set(PLENTY + MIB);
        other.stream("a bit", MIB);
        turns();
        assertThat(heard).containsExactly("much");
    }

    @Test
    void asManyPayAsItTakes() {
        one.stream("first", 9 * MIB);
        one.stream("third", 7 * MIB);
        one.stream("second", 8 * MIB);
        other.stream("spared", 4 * MIB);
        // As much too much as the first and half of the second.
        used.set(PLENTY + 13 * MIB);
        other.stream("asks", MIB);
        turns();
        assertThat(heard).containsExactly("first", "second");
    }

    @Test
    void whatWasFreedMayStayWithTheAllocatorForAWhile() {
        one.stream("first", 9 * MIB);
        one.stream("second", 8 * MIB);
        used.set(PLENTY + MIB);
        other.stream("asks", MIB);
        turns();
        assertThat(heard).containsExactly("first");
        other.stream("more, of what was freed", 3 * MIB);
        turns();
        assertThat(heard).containsExactly("first");
        used.set(PLENTY + 2 * MIB);
        other.stream("more than that", MIB);
        turns();
        assertThat(heard).containsExactly("first", "second");
    }

    @Test
    void manySessionsOfOneOwnerCountTogether() {
        Session another = new Session(one.share);
        one.stream("five", 5 * MIB);
        another.stream("four", 4 * MIB);
        other.stream("most of all sessions", 6 * MIB);
        used.set(PLENTY + MIB);
        other.stream("a bit", MIB);
        turns();
        assertThat(heard).containsExactly("five");
        another.channel.finishAndReleaseAll();
    }

    @Test
    void whereSessionsHoldLittleItIsNotTheirs() {
        used.set(MOST);
        one.stream("one", 5 * MIB);
        other.stream("another", 4 * MIB);
        turns();
        assertThat(heard).isEmpty();
        other.stream("beyond an eighth", 2 * MIB);
        turns();
        assertThat(heard).hasSize(1);
    }

    @Test
    void aSessionThatIsOverHoldsNothing() {
        one.stream("gone", 30 * MIB);
        one.mux.end(0, "done");
        heard.clear();
        used.set(MOST);
        other.stream("left", 9 * MIB);
        turns();
        assertThat(heard).isEmpty();
    }

    @Test
    void whoseAnswersWaitUnreadPaysLikeOthersThoughEachSessionHoldsLittle() {
        List<Session> pingers = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            Session pinger = new Session(one.share);
            pinger.pingUnread();
            pingers.add(pinger);
        }
        used.set(PLENTY + 5 * MIB / 2);
        other.stream("spared", 8 * MIB);
        for (int i = 0; i < 4; i++) {
            turns();
            pingers.forEach(Session::turn);
        }
        assertThat(heard)
                .hasSize(3)
                .allSatisfy(why -> assertThat(why).startsWith("the peer does not read, and memory is short: "));
        pingers.forEach(each -> each.channel.finishAndReleaseAll());
    }

    @Test
    void whereTheGreediestSessionHasNothingToEndTheNextOnePays() {
        List<MemoryBudget.Account> account = new ArrayList<>();
        account.add(budget.share().open(() -> {
            heard.add("nothing to end");
            account.get(0).shed(true);
        }));
        account.get(0).hold(20 * MIB);
        other.stream("pays", 9 * MIB);
        used.set(PLENTY + MIB);
        one.stream("asks", MIB);
        turns();
        assertThat(heard).containsExactly("nothing to end", "pays");
        used.set(PLENTY + 2 * MIB);
        one.stream("asks again", 2 * MIB);
        turns();
        assertThat(heard).as("asked anew in the next round").startsWith("nothing to end", "pays", "nothing to end");
    }

    private void turns() {
        for (int i = 0; i < 4; i++) {
            one.channel.runPendingTasks();
            other.channel.runPendingTasks();
        }
    }

    private final class Session implements MuxEvents {
        final MemoryBudget.Share share;
        final EmbeddedChannel channel = new EmbeddedChannel();
        final Mux mux;

        Session() {
            this(budget.share());
        }

        Session(MemoryBudget.Share share) {
            this.share = share;
            mux = new Mux(channel, Yamux.Role.CLIENT, YamuxLimits.opener(), Liveness.DEFAULT, share, this);
            channel.pipeline().addLast(mux);
            turn();
        }

        /** One that holds so many bytes. */
        void stream(String name, int bytes) {
            StreamLeg leg = Objects.requireNonNull(mux.open());
            leg.attach(new Listening(heard) {
                @Override
                public void failed(CloseReason reason) {
                    heard.add(name);
                }
            });
            turn();
            int whole = Yamux.INITIAL_WINDOW + bytes;
            leg.write(channel.alloc().buffer(whole).writeZero(whole));
            leg.flush();
            turn();
            Outbound.bytes(channel);
        }

        /** One whose peer pings, and leaves 900 KiB of answers unread. */
        void pingUnread() {
            channel.pipeline().addFirst(new ChannelOutboundHandlerAdapter() {
                @Override
                public void flush(ChannelHandlerContext ctx) {
                    // The socket takes nothing.
                }
            });
            // In one piece: eight thousand for each session are more than the leak detector can keep in mind.
            ByteBuf answers = channel.alloc().buffer().writeZero(900 * 1024);
            channel.write(answers, channel.voidPromise());
            channel.writeInbound(
                    channel.alloc().buffer().writeInt(0x0002_0001).writeInt(0).writeInt(0));
            turn();
        }

        private void turn() {
            channel.runPendingTasks();
        }

        @Override
        public void opened(StreamLeg stream) {
            throw new AssertionError("the peer opened nothing");
        }

        @Override
        public void goAway(int code) {
            throw new AssertionError("the peer said nothing");
        }

        @Override
        public void closed(String why) {
            if (why.contains("memory")) {
                heard.add(why);
            }
        }
    }
}
