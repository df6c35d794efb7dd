package io.culvert.link.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.culvert.link.bytes.MalformedException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StreamHeadTest {
    private static final StreamHead LONGEST = new StreamHead("t".repeat(260), "v".repeat(64));

    @Test
    void theBytesAreThoseOfTheProtocolPage() {
        assertThat(ByteBufUtil.hexDump(encode(new StreamHead("localhost:22", "203.0.113.9:51234"))))
                .isEqualTo(
                        "0021" + "000c" + "6c6f63616c686f73743a3232" + "0011" + "3230332e302e3131332e393a3531323334");
    }

    @Test
    void aProbeHasAFlagBehindTheVisitorThatAnOldAgentIgnores() {
        ByteBuf wire = encode(new StreamHead("a:1", "probe", true));
        assertThat(ByteBufUtil.hexDump(wire)).isEqualTo("000d" + "0003" + "613a31" + "0005" + "70726f6265" + "01");
        assertThat(StreamHead.decode(wire)).isEqualTo(new StreamHead("a:1", "probe", true));
        assertThat(StreamHead.decode(wire.setIndex(0, 15).setByte(14, 0xFE)))
                .as("flags of a later version")
                .isEqualTo(new StreamHead("a:1", "probe", false));
    }

    @Test
    void comesBackAsItWasSentAndLeavesTheVisitorsBytes() {
        for (StreamHead head : new StreamHead[] {new StreamHead("a", "b"), LONGEST}) {
            ByteBuf wire = encode(head).writeBytes(new byte[] {0, 1});
            assertThat(StreamHead.decode(wire)).isEqualTo(head);
            assertThat(ByteBufUtil.hexDump(wire)).isEqualTo("0001");
        }
    }

    @Test
    void anyBeginningIsNotYetAHeadAndAShorterRestIsRefused() {
        ByteBuf wire = encode(LONGEST);
        int rest = wire.readableBytes() - 2;
        for (int there = 0; there < wire.readableBytes(); there++) {
            ByteBuf beginning = wire.slice(0, there);
            assertThat(StreamHead.decode(beginning)).isNull();
            assertThat(beginning.readableBytes()).isEqualTo(there);
        }
        for (int length = 0; length < rest; length++) {
            ByteBuf shorter = wire.copy().setShort(0, length);
            assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> StreamHead.decode(shorter));
        }
    }

    @Test
    void fieldsOfALaterVersionAreIgnored() {
        ByteBuf wire = encode(new StreamHead("a", "b"));
        wire.writeZero(1024 - 6).setShort(0, 1024);

        assertThat(StreamHead.decode(wire)).isEqualTo(new StreamHead("a", "b"));
        assertThat(wire.isReadable()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "05, stream head length: first byte 5 (expected: at most 4)",
        "ff, stream head length: first byte 255 (expected: at most 4)",
        "0401, stream head length: 1025 (expected: at most 1024)",
        "0000, 'target: cut short, 0 of 2 bytes'",
        "00020000, target: 0 bytes (expected: 1 to 260)",
        "00020105, target: 261 bytes (expected: 1 to 260)",
        "0002ffff, target: 65535 bytes (expected: 1 to 260)",
        "00050001610041, visitor: 65 bytes (expected: 1 to 64)",
        "000600010a000162, target: control character (expected: printable text)",
    })
    void wrongBytesAreRefused(String hex, String message) {
        assertThatExceptionOfType(MalformedException.class)
                .isThrownBy(() -> StreamHead.decode(Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex))))
                .withMessage(message);
    }

    @Test
    void randomBytesAreReadOrRefusedAndNothingElse() {
        Random random = new Random(7);
        int read = 0;
        for (int round = 0; round < 30_000; round++) {
            ByteBuf wire = encode(new StreamHead("localhost:22", "v"));
            for (int spoilt = random.nextInt(4); spoilt > 0; spoilt--) {
                wire.setByte(random.nextInt(wire.readableBytes()), random.nextInt(256));
            }
            try {
                if (StreamHead.decode(wire) != null) {
                    read++;
                }
            } catch (MalformedException expected) {
                assertThat(expected.getMessage()).hasSizeLessThan(120);
            }
        }
        assertThat(read).isBetween(3_000, 29_000);
    }

    @Test
    void nothingIsBuiltThatCouldNotBeSent() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new StreamHead("t".repeat(261), "v"))
                .withMessage("target: 261 bytes (expected: 1 to 260)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new StreamHead("t", ""))
                .withMessage("visitor: 0 bytes (expected: 1 to 64)");
    }

    private static ByteBuf encode(StreamHead head) {
        ByteBuf exact = head.encode(UnpooledByteBufAllocator.DEFAULT);
        try {
            return Unpooled.buffer().writeBytes(exact);
        } finally {
            exact.release();
        }
    }
}
