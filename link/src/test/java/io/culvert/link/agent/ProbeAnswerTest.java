package io.culvert.link.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.culvert.link.bytes.MalformedException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProbeAnswerTest {
    private static ByteBuf encode(ProbeAnswer answer) {
        ByteBuf exact = answer.encode(UnpooledByteBufAllocator.DEFAULT);
        try {
            return Unpooled.buffer().writeBytes(exact);
        } finally {
            exact.release();
        }
    }

    @Test
    void theBytesAreThoseOfTheProtocolPage() {
        assertThat(ByteBufUtil.hexDump(encode(new ProbeAnswer(true, 258, "ok"))))
                .isEqualTo("0009" + "00" + "00000102" + "0002" + "6f6b");
        assertThat(ByteBufUtil.hexDump(encode(new ProbeAnswer(false, 0xFFFF_FFFFL, "no"))))
                .isEqualTo("0009" + "01" + "ffffffff" + "0002" + "6e6f");
    }

    @Test
    void comesBackAsItWasSentHoweverItIsCut() {
        for (ProbeAnswer answer :
                new ProbeAnswer[] {new ProbeAnswer(true, 0, "ok"), new ProbeAnswer(false, 0xFFFF_FFFFL, "x".repeat(300))
                }) {
            ByteBuf wire = encode(answer);
            for (int there = 0; there < wire.readableBytes(); there++) {
                assertThat(ProbeAnswer.decode(wire.slice(0, there))).isNull();
            }
            assertThat(ProbeAnswer.decode(wire)).isEqualTo(answer);
            assertThat(wire.isReadable()).isFalse();
        }
    }

    @Test
    void fieldsOfALaterVersionAreIgnored() {
        ByteBuf wire = encode(new ProbeAnswer(true, 1, "ok"));
        wire.writeZero(1024 - 9).setShort(0, 1024);
        assertThat(ProbeAnswer.decode(wire)).isEqualTo(new ProbeAnswer(true, 1, "ok"));
    }

    @ParameterizedTest
    @CsvSource({
        "0401, probe answer length: 1025 (expected: at most 1024)",
        "0000, 'outcome: cut short, 0 of 1 bytes'",
        "0007000000000000000000, text: 0 bytes (expected: 1 to 300)",
        "000900000000010002000a, text: control character (expected: printable text)",
    })
    void wrongBytesAreRefused(String hex, String message) {
        assertThatExceptionOfType(MalformedException.class)
                .isThrownBy(() -> ProbeAnswer.decode(Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex))))
                .withMessage(message);
    }

    @Test
    void nothingIsBuiltThatCouldNotBeSent() {
        assertThatIllegalArgumentException().isThrownBy(() -> new ProbeAnswer(true, -1, "ok"));
        assertThatIllegalArgumentException().isThrownBy(() -> new ProbeAnswer(true, 0, ""));
        assertThatIllegalArgumentException().isThrownBy(() -> new ProbeAnswer(true, 0, "x".repeat(301)));
    }
}
