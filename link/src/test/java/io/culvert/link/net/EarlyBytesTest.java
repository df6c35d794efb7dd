package io.culvert.link.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.link.yamux.Yamux;
import io.culvert.link.yamux.YamuxLimits;
import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of bytes for a stream that nobody is attached to yet, as while its target is dialled. */
class EarlyBytesTest {
    private static final int DATA = 0;
    private static final int WINDOW_UPDATE = 1;
    private static final int SYN = 1;
    private static final int FIN = 4;
    private static final int RST = 8;
    private static final int BYTES = 100;

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final Accepting peer = new Accepting();
    private final Mux mux = new Mux(
            channel,
            Yamux.Role.SERVER,
            YamuxLimits.acceptor(),
            Liveness.DEFAULT,
            new MemoryBudget(() -> 0, 1).share(),
            peer);
    private final List<String> heard = new ArrayList<>();

    @BeforeEach
    void begin() {
        channel.pipeline().addLast(mux);
    }

    @AfterEach
    void end() {
        channel.finishAndReleaseAll();
    }

    @Test
    void theyWaitForWhoeverAttaches() {
        ByteBuf frame = early();
        assertThat(frame.refCnt()).as("held by the bytes in it").isOne();
        attach();
        assertThat(heard).containsExactly(BYTES + " bytes");
        assertThat(frame.refCnt()).isZero();
    }

    @Test
    void theyAreDroppedWithAStreamThatThePeerResets() {
        ByteBuf frame = early();
        channel.writeInbound(header(WINDOW_UPDATE, RST, 0, 0));
        assertThat(frame.refCnt()).isZero();
        attach();
        assertThat(heard).containsExactly("failed");
    }

    @Test
    void whoeverWaitsToAttachHearsOnceThatTheStreamIsLost() {
        early();
        peer.stream().onLoss(() -> heard.add("lost"));
        channel.writeInbound(header(WINDOW_UPDATE, RST, 0, 0));
        mux.end(0, "done");
        assertThat(heard).containsExactly("lost");
    }

    @Test
    void whoeverWaitsToAttachHearsThatTheSessionIsOver() {
        early();
        peer.stream().onLoss(() -> heard.add("lost"));
        mux.end(0, "done");
        assertThat(heard).containsExactly("lost");
    }

    @Test
    void whoeverHasAttachedHearsOfItAsOfAFailure() {
        early();
        peer.stream().onLoss(() -> heard.add("lost"));
        attach();
        channel.writeInbound(header(WINDOW_UPDATE, RST, 0, 0));
        assertThat(heard).containsExactly(BYTES + " bytes", "failed");
    }

    @Test
    void theyAreDroppedWithTheirSession() {
        ByteBuf frame = early();
        mux.end(0, "done");
        assertThat(frame.refCnt()).isZero();
        attach();
        assertThat(heard).containsExactly("failed");
    }

    @Test
    void whoeverLetsGoInTheirMiddleHearsNoMoreOfThem() {
        ByteBuf first = early();
        channel.writeInbound(header(DATA, FIN, BYTES, BYTES).writeZero(BYTES));
        StreamLeg stream = peer.stream();
        stream.attach(new Listening(heard) {
            @Override
            public void data(ByteBuf bytes) {
                heard.add("a head of 60");
                stream.detach(bytes.skipBytes(60));
            }
        });
        assertThat(heard).containsExactly("a head of 60");
        attach();
        assertThat(heard).containsExactly("a head of 60", "40 bytes", BYTES + " bytes", "ended");
        assertThat(first.refCnt()).isZero();
    }

    @Test
    void aStreamThatFailsInTheirMiddleIsToldOnce() {
        ByteBuf first = early();
        channel.writeInbound(header(DATA, 0, BYTES, BYTES).writeZero(BYTES));
        peer.stream().attach(new Listening(heard) {
            @Override
            public void data(ByteBuf bytes) {
                super.data(bytes);
                mux.end(0, "done");
            }
        });
        assertThat(heard).containsExactly(BYTES + " bytes", "failed");
        assertThat(first.refCnt()).isZero();
    }

    /** Opens a stream and sends bytes to it; answers the buffer in which they came. */
    private ByteBuf early() {
        channel.writeInbound(header(WINDOW_UPDATE, SYN, 0, 0));
        ByteBuf frame = header(DATA, 0, BYTES, BYTES).writeZero(BYTES);
        channel.writeInbound(frame);
        return frame;
    }

    private void attach() {
        peer.stream().attach(new Listening(heard));
    }

    private ByteBuf header(int type, int flags, int length, int room) {
        return channel.alloc()
                .buffer(12 + room, 12 + room)
                .writeByte(0)
                .writeByte(type)
                .writeShort(flags)
                .writeInt(1)
                .writeInt(length);
    }
}
