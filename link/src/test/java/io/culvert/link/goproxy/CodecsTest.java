package io.culvert.link.goproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.culvert.link.bytes.MalformedException;
import io.culvert.link.goproxy.GoproxyHead.Transport;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CodecsTest {
    private static final ByteBufAllocator ALLOCATOR = UnpooledByteBufAllocator.DEFAULT;

    @Test
    void theLongestOfEachComesBackAndWhatFollowsIsLeft() {
        Preface client = new Preface.Client("k".repeat(249), 999_999);
        Preface server = new Preface.Server("k".repeat(256), "s".repeat(64));
        GoproxyHead head = new GoproxyHead("i".repeat(64), Transport.UDP, "a".repeat(260), "s".repeat(64));

        assertThat(back(client.encode(ALLOCATOR), Preface::decode)).isEqualTo(client);
        ByteBuf longest = server.encode(ALLOCATOR);
        assertThat(longest.readableBytes()).isEqualTo(Preface.MAX_BYTES);
        assertThat(back(longest, Preface::decode)).isEqualTo(server);
        longest = head.encode(ALLOCATOR);
        assertThat(longest.readableBytes()).isEqualTo(GoproxyHead.MAX_BYTES);
        assertThat(back(longest, GoproxyHead::decode)).isEqualTo(head);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65_507})
    void aDatagramKeepsItsBoundariesAndSharesItsMemory(int length) {
        ByteBuf body = ALLOCATOR.buffer().writeZero(length);
        Datagram sent = new Datagram("v".repeat(64), body);
        ByteBuf exact = sent.encode(ALLOCATOR);
        ByteBuf wire = ALLOCATOR.buffer().writeBytes(exact).writeByte(7);
        exact.release();

        Datagram received = Datagram.decode(wire);

        assertThat(received).isEqualTo(sent);
        assertThat(wire.readableBytes()).isOne();
        assertThat(body.readableBytes()).as("encoding leaves the body alone").isEqualTo(length);
        if (received != null) {
            received.body().release();
        }
        assertThat(wire.release()).as("nobody else holds the memory").isTrue();
        assertThat(body.release()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "00, goproxy packet type: 0 (expected: 4 or 5)",
        "03, goproxy packet type: 3 (expected: 4 or 5)",
        "16, goproxy packet type: 22 (expected: 4 or 5)",
        "05 0000000000000000, key and index: 0 bytes (expected: 3 to 256)",
        "05 0101000000000000, key and index: 257 bytes (expected: 3 to 256)",
        // Absurd before its last byte is there.
        "05 0102, key and index: 513 bytes (expected: 3 to 256)",
        "05 000001, key and index: 65536 bytes (expected: 3 to 256)",
        "05 0000000000000080, key and index: 9223372036854775808 bytes (expected: 3 to 256)",
        "05 ffffffffffffffff, key and index: 18446744073709551615 bytes (expected: 3 to 256)",
        "04 0000000000000000, key: 0 bytes (expected: 1 to 256)",
        "04 0100000000000000 61 4100000000000000, server id: 65 bytes (expected: 1 to 64)",
        "04 0100000000000000 61 0000000000000000, server id: 0 bytes (expected: 1 to 64)",
        "04 0100000000000000 61 000000ff, server id: 4278190080 bytes (expected: 1 to 64)",
        "04 0100000000000000 ff, key: not UTF-8",
        "04 0100000000000000 0a, key: control character (expected: printable text)",
    })
    void aPrefaceIsRefusedAsSoonAsItIsWrong(String hex, String message) {
        refused(hex, message, Preface::decode);
    }

    @ParameterizedTest
    @CsvSource({
        "default, goproxy key and index: 0 dashes or no key (expected: KEY-INDEX)",
        "a-b-1, goproxy key and index: 2 dashes or no key (expected: KEY-INDEX)",
        "--1, goproxy key and index: 2 dashes or no key (expected: KEY-INDEX)",
        "-11, goproxy key and index: 1 dashes or no key (expected: KEY-INDEX)",
        "key-, goproxy index: 0 characters (expected: 0 to 999999)",
        "key-01, goproxy index: 2 characters (expected: 0 to 999999)",
        "key-1000000, goproxy index: 7 characters (expected: 0 to 999999)",
        "key-x, goproxy index: not a number (expected: 0 to 999999)",
        "key-+1, goproxy index: not a number (expected: 0 to 999999)",
        "key-٣, goproxy index: not a number (expected: 0 to 999999)",
    })
    void aKeyIsTakenApartAtItsOnlyDash(String keyAndIndex, String message) {
        byte[] bytes = keyAndIndex.getBytes(StandardCharsets.UTF_8);
        ByteBuf wire = Unpooled.buffer().writeByte(5).writeLongLE(bytes.length).writeBytes(bytes);

        refused(ByteBufUtil.hexDump(wire), message, Preface::decode);
    }

    @Test
    void aServersKeyHasNoDash() {
        refused("04 0300000000000000 612d31", "goproxy key: 1 dashes (expected: none)", Preface::decode);
    }

    @ParameterizedTest
    @CsvSource({
        "0000000000000000, stream id: 0 bytes (expected: 1 to 64)",
        "41, stream id: 65 bytes (expected: 1 to 64)",
        "0000000000000080, stream id: 9223372036854775808 bytes (expected: 1 to 64)",
        "0100000000000000 61 0400000000000000, target: 4 bytes (expected: 5 to 264)",
        "0100000000000000 61 0901000000000000, target: 265 bytes (expected: 5 to 264)",
        "0100000000000000 61 0500000000000000 7463703b61, 'target: unknown transport (expected: tcp:HOST:PORT or udp:HOST:PORT)'",
        "0100000000000000 61 0500000000000000 5443503a61, 'target: unknown transport (expected: tcp:HOST:PORT or udp:HOST:PORT)'",
        "0100000000000000 61 0500000000000000 7463703a61 4100000000000000, server id: 65 bytes (expected: 1 to 64)",
        "0100000000000000 61 0500000000000000 7463703a0d, target: control character (expected: printable text)",
    })
    void aHeadIsRefusedAsSoonAsItIsWrong(String hex, String message) {
        refused(hex, message, GoproxyHead::decode);
    }

    @ParameterizedTest
    @CsvSource({
        "0000, visitor: 0 bytes (expected: 1 to 64)",
        "41, visitor: 65 bytes (expected: 1 to 64)",
        "ffff, visitor: 65535 bytes (expected: 1 to 64)",
        "0100 61 e4ff, body: 65508 bytes (expected: 0 to 65507)",
        "0100 61 ffff, body: 65535 bytes (expected: 0 to 65507)",
        "0100 ff, visitor: not UTF-8",
    })
    void aDatagramIsRefusedAsSoonAsItIsWrong(String hex, String message) {
        refused(hex, message, Datagram::decode);
    }

    @Test
    void randomBytesAreReadOrRefusedAndNothingElse() {
        Random random = new Random(6_4);
        int read = 0;
        for (int round = 0; round < 30_000; round++) {
            int kind = random.nextInt(4);
            ByteBuf exact = switch (kind) {
                case 0 -> new Preface.Client("default", 1).encode(ALLOCATOR);
                case 1 -> new Preface.Server("default", "s").encode(ALLOCATOR);
                case 2 -> new GoproxyHead("i", Transport.TCP, "a:1", "s").encode(ALLOCATOR);
                default -> new Datagram("a:1", Unpooled.wrappedBuffer(new byte[5])).encode(ALLOCATOR);
            };
            for (int spoilt = random.nextInt(4); spoilt > 0; spoilt--) {
                exact.setByte(random.nextInt(exact.readableBytes()), random.nextInt(256));
            }
            try {
                Object packet = kind < 2
                        ? Preface.decode(exact)
                        : kind == 2 ? GoproxyHead.decode(exact) : Datagram.decode(exact);
                if (packet instanceof Datagram datagram) {
                    datagram.body().release();
                }
                if (packet != null) {
                    read++;
                }
            } catch (MalformedException expected) {
                assertThat(expected.getMessage()).hasSizeLessThan(120);
            } finally {
                assertThat(exact.release()).isTrue();
            }
        }
        assertThat(read).isBetween(3_000, 29_000);
    }

    @Test
    void nothingIsBuiltThatCouldNotBeSent() {
        illegal("key: 'a-b' (expected: no dash)", () -> new Preface.Client("a-b", 1));
        illegal("key: 0 bytes (expected: 1 to 256)", () -> new Preface.Server("", "s"));
        illegal("index: 1000000 (expected: 0 to 999999)", () -> new Preface.Client("a", 1_000_000));
        illegal("key and index: 257 bytes (expected: 3 to 256)", () -> new Preface.Client("k".repeat(255), 1));
        illegal("server id: 65 bytes (expected: 1 to 64)", () -> new Preface.Server("k", "s".repeat(65)));
        illegal(
                "address: 261 bytes (expected: 1 to 260)",
                () -> new GoproxyHead("i", Transport.TCP, "a".repeat(261), "s"));
        illegal("visitor: 65 bytes (expected: 1 to 64)", () -> new Datagram("v".repeat(65), Unpooled.EMPTY_BUFFER));
        illegal(
                "body: 65508 bytes (expected: at most 65507)",
                () -> new Datagram("v", Unpooled.wrappedBuffer(new byte[65_508])));
    }

    private static <T> @Nullable T back(ByteBuf wire, Function<ByteBuf, @Nullable T> decode) {
        ByteBuf longer = Unpooled.buffer().writeBytes(wire).writeByte(7);
        wire.release();
        T packet = decode.apply(longer);
        assertThat(ByteBufUtil.hexDump(longer)).isEqualTo("07");
        return packet;
    }

    private static void refused(String hex, String message, Function<ByteBuf, ? extends @Nullable Object> decode) {
        ByteBuf wire = Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex.replace(" ", "")));
        assertThatExceptionOfType(MalformedException.class)
                .isThrownBy(() -> decode.apply(wire))
                .withMessage(message);
    }

    private static void illegal(String message, Runnable build) {
        assertThatIllegalArgumentException().isThrownBy(build::run).withMessage(message);
    }
}
