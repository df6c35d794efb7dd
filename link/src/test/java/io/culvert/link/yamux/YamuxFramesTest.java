package io.culvert.link.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What each thing looks like on the wire, and that it does not matter how the wire cuts it. */
class YamuxFramesTest {
    private final Pair pair = new Pair();
    private final Side client = pair.client;
    private final Side server = pair.server;

    @AfterEach
    void nothingIsLeft() {
        pair.close();
    }

    @Test
    void theClientOpensOddIdsByAnEmptyWindowUpdateWithSyn() {
        client.open();
        client.open();
        assertThat(client.sent()).isEqualTo("000100010000000100000000" + "000100010000000300000000");
    }

    @Test
    void theServerOpensEvenIds() {
        server.open();
        server.open();
        assertThat(server.sent()).isEqualTo("000100010000000200000000" + "000100010000000400000000");
    }

    @Test
    void aStreamIsAcknowledgedByAnEmptyWindowUpdate() {
        server.receive("00 01 0001 00000001 00000000");
        assertThat(server.sent()).isEqualTo("000100020000000100000000");
        assertThat(server.accepted).hasSize(1);
        assertThat(server.newest().stream.id()).isEqualTo(1);
    }

    @Test
    void aStreamMayBeginWithDataWithAWindowOrWithItsEnd() {
        server.receive("00 00 0001 00000001 00000002 cafe");
        assertThat(server.newest().heard.toByteArray()).containsExactly(0xca, 0xfe);
        server.receive("00 01 0001 00000003 00000010");
        assertThat(server.newest().stream.sendWindow).isEqualTo(Yamux.INITIAL_WINDOW + 16);
        server.receive("00 00 0005 00000005 00000001 aa");
        assertThat(server.newest().heard.toByteArray()).containsExactly(0xaa);
        assertThat(server.newest().ended).isTrue();
        server.receive("00 01 0009 00000007 00000000");
        assertThat(server.newest().reset).isTrue();
        assertThat(server.sent())
                .isEqualTo("000100020000000100000000" + "000100020000000300000000" + "000100020000000500000000"
                        + "000100020000000700000000");
    }

    @Test
    void dataEndAndResetFrames() {
        Ear stream = client.open();
        client.sent();
        stream.stream.write(Unpooled.copiedBuffer(new byte[] {1, 2, 3}));
        assertThat(client.sent()).as("before the pump").isEmpty();
        assertThat(client.pumped()).isEqualTo("000000000000000100000003" + "010203");
        stream.stream.finish();
        assertThat(client.pumped()).isEqualTo("000100040000000100000000");
        stream.stream.finish();
        assertThat(client.pumped()).isEmpty();
        stream.stream.reset();
        assertThat(client.sent()).isEqualTo("000100080000000100000000");
        stream.stream.reset();
        assertThat(client.pumped()).isEmpty();
    }

    @Test
    void headAndSynLeaveInOneGo() {
        Ear stream = client.open();
        stream.write(1);
        assertThat(client.pumped()).isEqualTo("000100010000000100000000" + "000000000000000100000001" + "00");
    }

    @Test
    void pings() {
        client.yamux.ping(0x01020304);
        assertThat(client.sent()).isEqualTo("000200010000000001020304");
        server.receive("00 02 0001 00000000 fffffffe");
        assertThat(server.sent()).isEqualTo("0002000200000000fffffffe");
        client.receive("00 02 0002 00000000 fffffffe");
        assertThat(client.pongs).containsExactly(-2);
        assertThat(client.sent()).isEmpty();
    }

    @Test
    void goAway() {
        client.yamux.goAway(1);
        assertThat(client.sent()).isEqualTo("000300000000000000000001");
        server.receive("00 03 0000 00000000 00000002");
        assertThat(server.goAways).containsExactly(2);
        assertThat(server.yamux.open(0)).as("a stream to a peer that leaves").isNull();
        server.receive("00 01 0001 00000001 00000000");
        assertThat(server.accepted).as("what it opens itself").hasSize(1);
    }

    @Test
    void framesOfStreamsThatAreUnknownAreSkipped() {
        server.receive("00 00 0000 00000009 00000003 010203" + "00 01 0000 00000009 00000007"
                + "00 01 0004 00000009 00000000" + "00 01 0008 00000009 00000000" + "00 00 0008 00000009 00000001 ff"
                + "00 02 0001 00000000 00000001");
        assertThat(server.accepted).isEmpty();
        assertThat(server.sent()).as("only the ping's answer").isEqualTo("000200020000000000000001");
    }

    @Test
    void aStreamWhoseSynHasNotGoneOutIsUnknownToo() {
        try (Pair narrow = new Pair(new YamuxLimits(9, 9, 1, 1 << 20, 0, 1 << 20, 1024), Pair.ROOMY)) {
            narrow.client.open();
            Ear second = narrow.client.open();
            narrow.client.receive("00 00 0000 00000003 00000001 ff" + "00 01 0008 00000003 00000000");
            assertThat(second.calls).isZero();
            assertThat(second.reset).isFalse();
            narrow.flow();
            assertThat(narrow.server.accepted).hasSize(2);
        }
    }

    /** A session's worth of frames: streams begun in every way, data, ends, a reset, a ping, a window. */
    private static final String TALK = "000000010000000100000005" + "0102030405" // SYN with data
            + "000100010000000300000000" // SYN
            + "000200010000000000000007" // ping
            + "000000000000000300000003" + "0a0b0c" // data
            + "000100000000000100000100" // window
            + "000000040000000100000002" + "0607" // data with FIN
            + "000000000000000900000004" + "ffffffff" // nobody's data
            + "000100080000000300000000" // RST
            + "000100050000000500000000"; // SYN with FIN

    @Test
    void anyCutOfTheBytesMeansTheSame() {
        byte[] talk = ByteBufUtil.decodeHexDump(TALK);
        for (int at = 0; at <= talk.length; at++) {
            try (Pair fresh = new Pair()) {
                fresh.server.receive(Unpooled.copiedBuffer(talk, 0, at));
                fresh.server.receive(Unpooled.copiedBuffer(talk, at, talk.length - at));
                understood(fresh.server);
            }
        }
    }

    @Test
    void oneByteAtATimeMeansTheSame() {
        for (byte each : ByteBufUtil.decodeHexDump(TALK)) {
            server.receive(Unpooled.copiedBuffer(new byte[] {each}));
        }
        understood(server);
    }

    private static void understood(Side side) {
        assertThat(side.accepted).hasSize(3);
        assertThat(side.accepted.get(0).heard.toByteArray()).containsExactly(1, 2, 3, 4, 5, 6, 7);
        assertThat(side.accepted.get(0).ended).isTrue();
        assertThat(side.accepted.get(0).stream.sendWindow).isEqualTo(Yamux.INITIAL_WINDOW + 256);
        assertThat(side.accepted.get(1).heard.toByteArray()).containsExactly(10, 11, 12);
        assertThat(side.accepted.get(1).reset).isTrue();
        assertThat(side.accepted.get(2).ended).isTrue();
        assertThat(side.accepted.get(2).calls).isZero();
        assertThat(side.sent())
                .isEqualTo("000100020000000100000000" + "000100020000000300000000" + "000200020000000000000007"
                        + "000100020000000500000000");
    }

    @Test
    void aBigPieceIsPassedOnUncopiedASmallOneKeepsOnlyItself() {
        Ear[] stream = pair.stream();
        stream[1].reads = false;
        ByteBuf big = client.pattern(100_000);
        stream[0].stream.write(big.retainedDuplicate());
        pair.flow();
        assertThat(pair.memory()).as("slices, each released by the ear").isEqualTo(100_000);
        big.release();
        assertThat(pair.memory()).isZero();

        byte[] bytes = ByteBufUtil.decodeHexDump("000000000000000100000001" + "ff");
        ByteBuf wide = pair.alloc.directBuffer(256 * 1024).writeBytes(bytes);
        long[] held = new long[1];
        // Taken while the ear, having copied the payload away, has let it go, and the reader has not.
        stream[1].onData = () -> held[0] = wide.refCnt();
        server.receive(wide);
        assertThat(held[0]).as("holders of the 256 KiB behind one byte").isEqualTo(1);
        stream[1].consume(100_001);
    }
}
