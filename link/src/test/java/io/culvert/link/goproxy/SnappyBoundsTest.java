package io.culvert.link.goproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.compression.SnappyFrameDecoder;
import io.netty.handler.codec.compression.SnappyFrameEncoder;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What Netty's snappy codec refuses by itself, and the one thing that it does not bound: see RATIONALE.md, "goproxy". */
class SnappyBoundsTest {
    private static final String START = "ff060000734e61507059";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "01110000683b6dfa", // a chunk before the stream identifier
                START + "01110000ffffffff68656c6c6f2063756c76657274", // a wrong sum
                START + "0100000000000000", // chunks too short for their sums
                START + "0000000000000000",
                START + "01050001", // an uncompressed chunk above 64 KiB
                START + "0009000000000000ffffff7f00", // 256 MiB promised inside a chunk
                START + "020000000000", // a kind of chunk that must not be skipped
                "ff060000734e61507058", // another identifier
            })
    void brokenStreamsAreRefused(String hex) {
        EmbeddedChannel unpacker = new EmbeddedChannel(new SnappyFrameDecoder(true));

        assertThatException()
                .isThrownBy(() -> unpacker.writeInbound(bytes(hex)))
                .withStackTraceContaining("SnappyFrameDecoder.decode");
        unpacker.finishAndReleaseAll();
    }

    @Test
    void aCompressedChunkIsAwaitedUpToSixteenMegabytes() {
        EmbeddedChannel unpacker = new EmbeddedChannel(new SnappyFrameDecoder(true));
        unpacker.writeInbound(bytes(START + "00ffffff"));
        unpacker.writeInbound(Unpooled.wrappedBuffer(new byte[1 << 20]));

        assertThat(unpacker.<Object>readInbound()).isNull();
        unpacker.finishAndReleaseAll();
    }

    @Test
    void whatIsWrittenIsCutIntoChunksOf32KiB() {
        EmbeddedChannel packer = new EmbeddedChannel(new SnappyFrameEncoder());
        byte[] noise = new byte[100_000];
        new Random(1).nextBytes(noise);
        packer.writeOutbound(Unpooled.wrappedBuffer(noise));
        ByteBuf packed = packer.readOutbound();
        int chunks = 0;
        for (int at = START.length() / 2; at < packed.readableBytes(); at += 4 + packed.getUnsignedMediumLE(at + 1)) {
            chunks++;
        }
        assertThat(chunks).isEqualTo(4);
        assertThat(packed.readableBytes()).as("noise does not shrink").isGreaterThan(noise.length);
        packed.release();
        packer.finishAndReleaseAll();
    }

    private static ByteBuf bytes(String hex) {
        return Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex));
    }
}
