package io.culvert.link.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.culvert.link.agent.AgentMessage.Hello;
import io.culvert.link.agent.AgentMessage.Refused;
import io.culvert.link.agent.AgentMessage.Renew;
import io.culvert.link.agent.AgentMessage.Renewed;
import io.culvert.link.agent.AgentMessage.Welcome;
import io.culvert.link.bytes.MalformedException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class MessageCodecTest {
    private static final byte[] SECRET = filled(16, 0xA0);
    private static final byte[] INSTANCE = filled(16, 0x10);
    private static final byte[] CREDENTIAL = filled(32, 0xC0);
    private static final byte[] NONE = {};

    static Stream<AgentMessage> messages() {
        return Stream.of(
                new Hello(0, SECRET, INSTANCE, 0, false, "a"),
                new Hello(0, SECRET, NONE, INSTANCE, 0, false, true, "a"),
                new Hello(0, SECRET, CREDENTIAL, INSTANCE, 0, true, true, "a"),
                new Hello(0, NONE, CREDENTIAL, INSTANCE, 0, true, true, "a"),
                new Hello(Long.MAX_VALUE, filled(64, 1), INSTANCE, 63, true, "ü".repeat(32)),
                new Welcome(0, Duration.ofMillis(1), "s"),
                new Welcome(Long.MAX_VALUE, Duration.ofHours(1), "s".repeat(64)),
                new Welcome(5, Duration.ofSeconds(15), "s", Optional.of(Duration.ofDays(40))),
                new Renew(Long.MAX_VALUE, CREDENTIAL, filled(32, 1)),
                new Renewed(Duration.ofMillis(1)),
                new Refused(RefusalCode.BAD_TOKEN, ""),
                new Refused(RefusalCode.OCCUPIED, "t".repeat(200)));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void comesBackAsItWasSentAndLeavesWhatFollows(AgentMessage message) {
        ByteBuf wire = encode(message).writeBytes(new byte[] {7, 8, 9});

        assertThat(MessageCodec.decode(wire)).isEqualTo(message);
        assertThat(ByteBufUtil.hexDump(wire)).isEqualTo("070809");
    }

    @ParameterizedTest
    @MethodSource("messages")
    void anyBeginningIsNotYetAMessage(AgentMessage message) {
        ByteBuf wire = encode(message);
        for (int there = 0; there < wire.readableBytes(); there++) {
            ByteBuf beginning = wire.slice(0, there);
            assertThat(MessageCodec.decode(beginning)).as("%d bytes", there).isNull();
            assertThat(beginning.readableBytes()).isEqualTo(there);
        }
    }

    @ParameterizedTest
    @MethodSource("messages")
    void aBodyCutShortIsRefused(AgentMessage message) {
        ByteBuf wire = encode(message);
        int body = wire.readableBytes() - MessageCodec.HEADER_BYTES;
        for (int length = 0; length < body; length++) {
            refused(wire.copy().setShort(6, length));
        }
    }

    @ParameterizedTest
    @MethodSource("messages")
    void fieldsOfALaterVersionAreIgnored(AgentMessage message) {
        ByteBuf wire = encode(message);
        int body = wire.readableBytes() - MessageCodec.HEADER_BYTES;
        wire.writeZero(MessageCodec.MAX_BODY - body).setShort(6, MessageCodec.MAX_BODY);

        assertThat(MessageCodec.decode(wire)).isEqualTo(message);
        assertThat(wire.isReadable()).isFalse();
    }

    @Test
    void theBytesAreThoseOfTheProtocolPage() {
        assertThat(hex(new Hello(7, SECRET, INSTANCE, 3, true, "culvert-agent/0.1.0")))
                .isEqualTo("434c5654" + "01" + "01" + "0043"
                        + "0000000000000007"
                        + "0010" + "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"
                        + "101112131415161718191a1b1c1d1e1f"
                        + "03" + "01"
                        + "0013" + "63756c766572742d6167656e742f302e312e30"
                        + "0000");
        assertThat(hex(new Welcome(258, Duration.ofSeconds(15), "culvert/0.1.0")))
                .isEqualTo("434c5654" + "01" + "02" + "001f"
                        + "0000000000000102" + "00003a98"
                        + "000d" + "63756c766572742f302e312e30"
                        + "00000000");
        String credential = "c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf";
        assertThat(hex(new Hello(7, NONE, CREDENTIAL, INSTANCE, 0, false, true, "a")))
                .isEqualTo("434c5654" + "01" + "01" + "0041"
                        + "0000000000000007"
                        + "0000"
                        + "101112131415161718191a1b1c1d1e1f"
                        + "00" + "02"
                        + "0001" + "61"
                        + "0020" + credential);
        assertThat(hex(new Renew(7, CREDENTIAL, CREDENTIAL)))
                .isEqualTo("434c5654" + "01" + "04" + "0048" + "0000000000000007" + credential + credential);
        assertThat(hex(new Renewed(Duration.ofDays(1)))).isEqualTo("434c5654" + "01" + "05" + "0004" + "05265c00");
        assertThat(hex(new Refused(RefusalCode.TRY_LATER, "no")))
                .isEqualTo("434c5654" + "01" + "03" + "0005" + "02" + "0002" + "6e6f");
    }

    @ParameterizedTest
    @CsvSource({
        "00, not a Culvert agent: byte 0 of the magic is wrong",
        "434d, not a Culvert agent: byte 1 of the magic is wrong",
        "434c5655, not a Culvert agent: byte 3 of the magic is wrong",
        "474554202f20485454502f312e31, not a Culvert agent: byte 0 of the magic is wrong",
        "434c56540100, message type: 0 (expected: 1 to 5)",
        "434c56540106, message type: 6 (expected: 1 to 5)",
        "434c5654010105, message length: first byte 5 (expected: at most 4)",
        "434c56540101ff, message length: first byte 255 (expected: at most 4)",
        "434c565401010401, message length: 1025 (expected: at most 1024)",
        "434c565401010000, 'tunnel id: cut short, 0 of 8 bytes'",
        "434c56540101000affffffffffffffff0010, tunnel id: 18446744073709551615 (expected: 0 to 9223372036854775807)",
        "434c5654010100190000000000000001000f000000000000000000000000000000, 'secret: 15 bytes (expected: 16 to 64, or none)'",
        "434c56540101000a0000000000000001ffff, secret: 65535 bytes (expected: 0 to 64)",
        "434c56540102000c000000000000000000000000, ping: 0 ms (expected: 1 to 3600000)",
        "434c56540102000c0000000000000000ffffffff, ping: 4294967295 ms (expected: 1 to 3600000)",
        "434c5654010500040000000000, renew: 0 ms (expected: 1 to 3456000000)",
        "434c565401050004ffffffff, renew: 4294967295 ms (expected: 1 to 3456000000)",
        "434c56540104000a00000000000000010000, 'credential: cut short, 2 of 32 bytes'",
        "434c5654010300030100c9, text: 201 bytes (expected: 0 to 200)",
        "434c56540103000401000180, text: not UTF-8",
        "434c5654010300040100010a, text: control character (expected: printable text)",
    })
    void wrongBytesAreRefusedAsSoonAsTheyAreThere(String hex, String message) {
        assertThatExceptionOfType(MalformedException.class)
                .isThrownBy(() -> MessageCodec.decode(Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex))))
                .withMessage(message);
    }

    @Test
    void aSessionNumberBeyondTheLimitIsRefused() {
        ByteBuf wire = encode(new Hello(1, SECRET, INSTANCE, 63, false, "a"));
        int session = MessageCodec.HEADER_BYTES + 8 + 2 + 16 + 16;
        assertThat(wire.getByte(session)).isEqualTo((byte) 63);

        assertThatExceptionOfType(MalformedException.class)
                .isThrownBy(() -> MessageCodec.decode(wire.setByte(session, 64)))
                .withMessage("session: 64 (expected: 0 to 63)");
    }

    @Test
    void aCredentialIsWholeAndOneOfTheTwoSecretsIsThere() {
        ByteBuf none = encode(new Hello(1, NONE, CREDENTIAL, INSTANCE, 0, false, false, "a"));
        int length = none.readableBytes() - 2 - 32;
        assertThat(none.getUnsignedShort(length)).isEqualTo(32);
        assertThatExceptionOfType(MalformedException.class)
                .isThrownBy(() -> MessageCodec.decode(none.copy().setShort(length, 31)))
                .withMessage("credential: 31 bytes (expected: 32, or none)");
        assertThatExceptionOfType(MalformedException.class)
                .isThrownBy(() -> MessageCodec.decode(none.copy().setShort(length, 0)))
                .withMessage("neither secret nor credential (expected: one of them)");
    }

    @Test
    void anotherVersionIsToldFromRubbish() {
        assertThatExceptionOfType(UnknownVersionException.class)
                .isThrownBy(() -> MessageCodec.decode(Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump("434c565402"))))
                .withMessage("protocol version: 2 (expected: 1)");
    }

    @Test
    void aRefusalThatNobodyKnowsYetMeansTryLater() {
        ByteBuf wire = encode(new Refused(RefusalCode.BAD_TOKEN, "x")).setByte(MessageCodec.HEADER_BYTES, 200);

        assertThat(MessageCodec.decode(wire)).isEqualTo(new Refused(RefusalCode.TRY_LATER, "x"));
        for (RefusalCode each : RefusalCode.values()) {
            assertThat(RefusalCode.of(each.code())).isSameAs(each);
        }
    }

    @Test
    void flagsThatNobodyKnowsYetAreIgnored() {
        Hello hello = new Hello(1, SECRET, INSTANCE, 0, false, "a");
        ByteBuf wire = encode(hello).setByte(MessageCodec.HEADER_BYTES + 8 + 2 + 16 + 16 + 1, 0xFC);

        assertThat(MessageCodec.decode(wire)).isEqualTo(hello);
    }

    @Test
    void randomBytesAreReadOrRefusedAndNothingElse() {
        Random random = new Random(20261123);
        int read = 0;
        for (int round = 0; round < 40_000; round++) {
            ByteBuf wire =
                    encode(messages().skip(random.nextInt(10)).findFirst().orElseThrow());
            for (int spoilt = random.nextInt(4); spoilt > 0; spoilt--) {
                wire.setByte(random.nextInt(wire.readableBytes()), random.nextInt(256));
            }
            wire.writerIndex(wire.writerIndex() - random.nextInt(3));
            try {
                if (MessageCodec.decode(wire) != null) {
                    read++;
                }
            } catch (MalformedException expected) {
                assertThat(expected.getMessage()).hasSizeLessThan(120);
            }
        }
        assertThat(read).isBetween(4_000, 39_000);
    }

    @Test
    void nothingIsBuiltThatCouldNotBeSent() {
        illegal("secret: 15 bytes (expected: 16 to 64)", () -> new Hello(1, new byte[15], INSTANCE, 0, false, "a"));
        illegal("instance: 15 bytes (expected: 16)", () -> new Hello(1, SECRET, new byte[15], 0, false, "a"));
        illegal("session: 64 (expected: 0 to 63)", () -> new Hello(1, SECRET, INSTANCE, 64, false, "a"));
        illegal("tunnel id: -1 (expected: at least 0)", () -> new Hello(-1, SECRET, INSTANCE, 0, false, "a"));
        illegal("agent: 0 bytes (expected: 1 to 64)", () -> new Hello(1, SECRET, INSTANCE, 0, false, ""));
        illegal("ping: PT0S (expected: PT0.001S to PT1H)", () -> new Welcome(1, Duration.ZERO, "s"));
        illegal(
                "ping: PT0.0015S (expected: whole milliseconds)",
                () -> new Welcome(1, Duration.ofNanos(1_500_000), "s"));
        illegal("secret: 0 bytes (expected: 16 to 64)", () -> new Hello(1, NONE, INSTANCE, 0, false, "a"));
        illegal("next: 31 bytes (expected: 32)", () -> new Renew(1, CREDENTIAL, new byte[31]));
        illegal("renew in: PT0S (expected: PT0.001S to PT960H, whole milliseconds)", () -> new Renewed(Duration.ZERO));
        illegal("text: 201 bytes (expected: 0 to 200)", () -> new Refused(RefusalCode.VERSION, "t".repeat(201)));
    }

    @Test
    void aHelloKeepsItsSecretToItself() {
        byte[] secret = filled(16, 0x41);
        Hello hello = new Hello(1, secret, INSTANCE, 0, false, "agent");
        secret[0] = 0;
        hello.secret()[1] = 0;

        assertThat(hello.secret()).isEqualTo(filled(16, 0x41));
        assertThat(hello.toString())
                .isEqualTo("Hello[tunnel=1, secret=***, session=0, standby=false, probes=false, agent=agent]");
    }

    @Test
    void credentialsStandInNoText() {
        assertThat(new Hello(1, NONE, CREDENTIAL, INSTANCE, 0, false, false, "agent").toString())
                .isEqualTo("Hello[tunnel=1, secret=***, session=0, standby=false, probes=false, agent=agent]");
        assertThat(new Renew(1, CREDENTIAL, CREDENTIAL)).hasToString("Renew[tunnel=1]");
    }

    private static void illegal(String message, Runnable build) {
        assertThatIllegalArgumentException().isThrownBy(build::run).withMessage(message);
    }

    private static void refused(ByteBuf wire) {
        assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> MessageCodec.decode(wire));
    }

    private static ByteBuf encode(AgentMessage message) {
        ByteBuf exact = MessageCodec.encode(message, UnpooledByteBufAllocator.DEFAULT);
        try {
            return Unpooled.buffer().writeBytes(exact);
        } finally {
            exact.release();
        }
    }

    private static String hex(AgentMessage message) {
        return ByteBufUtil.hexDump(encode(message));
    }

    private static byte[] filled(int length, int first) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (first + i);
        }
        return bytes;
    }
}
