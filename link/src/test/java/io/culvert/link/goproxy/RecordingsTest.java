package io.culvert.link.goproxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.link.goproxy.GoproxyHead.Transport;
import io.culvert.link.goproxy.Recording.Connection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.compression.SnappyFrameDecoder;
import io.netty.handler.codec.compression.SnappyFrameEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every packet that the real programs sent is understood, and written again byte for byte. */
class RecordingsTest {
    private static final String GREETING = "hello culvert";
    private static final String ECHOED = GREETING + "x".repeat(20_000);

    static Stream<String> recordings() {
        return Recording.ALL.stream();
    }

    @Test
    void theRecordingsAreThere() {
        assertThat(Recording.ALL).hasSize(4);
    }

    @ParameterizedTest
    @MethodSource("recordings")
    void prefaces(String recording) {
        boolean clients = recording.startsWith("client");
        Collection<Connection> connections = Recording.load(recording);

        assertThat(connections).hasSize(clients ? 1 : 3);
        for (Connection each : connections) {
            Preface preface = readAndRewritten(
                    each.preface(), Preface::decode, it -> it.encode(UnpooledByteBufAllocator.DEFAULT));
            assertThat(preface.key()).isEqualTo("default");
            if (clients) {
                assertThat(preface).isEqualTo(new Preface.Client("default", 1));
            } else {
                assertThat(((Preface.Server) preface).serverId()).matches("[0-9a-f]{40}");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("recordings")
    void heads(String recording) {
        List<GoproxyHead> heads = new ArrayList<>();
        for (Recording.Stream each : streams(recording)) {
            // In one data frame, as the page says that a stock peer needs
            // it; whatever is behind it in the frame is left there.
            GoproxyHead head = readAndRewritten(
                    each.opener().get(0), GoproxyHead::decode, it -> it.encode(UnpooledByteBufAllocator.DEFAULT));
            assertThat(head.streamId()).matches("[0-9a-f]{40}");
            assertThat(head.serverId()).matches("[0-9a-f]{40}");
            heads.add(head);
        }

        assertThat(heads)
                .extracting(GoproxyHead::transport)
                .containsExactly(Transport.TCP, Transport.UDP, Transport.TCP);
        assertThat(heads)
                .extracting(GoproxyHead::address)
                .containsExactly("127.0.0.1:27022", "127.0.0.1:27022", "127.0.0.1:27999");
        assertThat(heads).extracting(GoproxyHead::streamId).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @MethodSource("recordings")
    void datagrams(String recording) {
        Recording.Stream flow = streams(recording).get(1);
        ByteBuf sent = flow.wholeOpener();
        assertThat(GoproxyHead.decode(sent)).isNotNull();

        for (ByteBuf direction : List.of(sent, flow.wholeOther())) {
            List<String> bodies = new ArrayList<>();
            while (direction.isReadable()) {
                Datagram datagram = readAndRewritten(
                        direction, Datagram::decode, it -> it.encode(UnpooledByteBufAllocator.DEFAULT));
                assertThat(datagram.visitor()).matches("127\\.0\\.0\\.1:[0-9]{5}");
                bodies.add(datagram.body().toString(StandardCharsets.US_ASCII));
            }
            // 9,000 bytes were sent last; a stock server cuts them.
            assertThat(bodies).containsExactly("ping-udp", "ping-udp-2", "z".repeat(1400), "y".repeat(2048));
        }
    }

    @ParameterizedTest
    @CsvSource({"client-leg-plain", "server-leg-plain"})
    void plainStreamsAreTheVisitorsBytes(String recording) {
        assertThat(visitorBytes(recording, 0).toString(StandardCharsets.US_ASCII))
                .isEqualTo(ECHOED);
        assertThat(streams(recording).get(0).wholeOther().toString(StandardCharsets.US_ASCII))
                .isEqualTo(ECHOED);
        assertThat(visitorBytes(recording, 2).toString(StandardCharsets.US_ASCII))
                .isEqualTo("refused?");
        assertThat(streams(recording).get(2).other())
                .as("a closed port says nothing but FIN")
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"client-leg-snappy", "server-leg-snappy"})
    void snappyStreamsAreReadByNettyWholeAndByteByByte(String recording) {
        for (int step : new int[] {Integer.MAX_VALUE, 1}) {
            assertThat(unpacked(visitorBytes(recording, 0), step)).isEqualTo(ECHOED);
            assertThat(unpacked(streams(recording).get(0).wholeOther(), step)).isEqualTo(ECHOED);
            assertThat(unpacked(visitorBytes(recording, 2), step)).isEqualTo("refused?");
        }
    }

    @ParameterizedTest
    @CsvSource({"client-leg-snappy", "server-leg-snappy"})
    void snappyStreamsAreWrittenByNettyAsGoproxyWritesThem(String recording) {
        EmbeddedChannel packer = new EmbeddedChannel(new SnappyFrameEncoder());
        ByteBuf packed = Unpooled.buffer();
        for (String write : List.of(GREETING, "x".repeat(20_000))) {
            packer.writeOutbound(Unpooled.copiedBuffer(write, StandardCharsets.US_ASCII));
            ByteBuf chunk = packer.readOutbound();
            assertThat(packer.<Object>readOutbound())
                    .as("a write is one buffer, kept by nobody")
                    .isNull();
            packed.writeBytes(chunk);
            chunk.release();
        }
        packer.finishAndReleaseAll();

        assertThat(ByteBufUtil.hexDump(packed)).isEqualTo(ByteBufUtil.hexDump(visitorBytes(recording, 0)));
        assertThat(ByteBufUtil.hexDump(packed))
                .isEqualTo(ByteBufUtil.hexDump(streams(recording).get(0).wholeOther()));
    }

    private static ByteBuf visitorBytes(String recording, int stream) {
        ByteBuf bytes = streams(recording).get(stream).wholeOpener();
        assertThat(GoproxyHead.decode(bytes)).isNotNull();
        return bytes;
    }

    private static String unpacked(ByteBuf packed, int step) {
        // true: check the sums; Netty does not by default.
        EmbeddedChannel unpacker = new EmbeddedChannel(new SnappyFrameDecoder(true));
        while (packed.isReadable()) {
            unpacker.writeInbound(packed.readBytes(Math.min(step, packed.readableBytes())));
        }
        StringBuilder text = new StringBuilder();
        for (ByteBuf each = unpacker.readInbound(); each != null; each = unpacker.readInbound()) {
            text.append(each.toString(StandardCharsets.US_ASCII));
            each.release();
        }
        unpacker.finishAndReleaseAll();
        return text.toString();
    }

    private static List<Recording.Stream> streams(String recording) {
        return Recording.load(recording).stream()
                .flatMap(each -> each.streams().values().stream())
                .toList();
    }

    /** Reads one packet, sees that no beginning of it is taken for the whole, and that writing it gives the same bytes. */
    private static <T> T readAndRewritten(
            ByteBuf in, Function<ByteBuf, @Nullable T> decode, Function<T, ByteBuf> encode) {
        int start = in.readerIndex();
        T packet = Objects.requireNonNull(decode.apply(in));
        ByteBuf taken = in.slice(start, in.readerIndex() - start);
        for (int there = 0; there < taken.readableBytes(); there++) {
            ByteBuf beginning = taken.slice(0, there);
            assertThat((Object) decode.apply(beginning)).as("%d bytes", there).isNull();
            assertThat(beginning.readableBytes()).isEqualTo(there);
        }
        ByteBuf written = encode.apply(packet);
        assertThat(ByteBufUtil.hexDump(written)).isEqualTo(ByteBufUtil.hexDump(taken));
        written.release();
        return packet;
    }
}
