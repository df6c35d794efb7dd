package io.culvert.link.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;

/** Listens to a stream, keeps what it hears, and sees that nothing is told out of order. */
final class Ear implements StreamEvents {
    final Side side;
    final YamuxStream stream;
    final ByteArrayOutputStream heard = new ByteArrayOutputStream();
    /** Whether bytes count as consumed when they arrive; else they are {@link #held}. */
    boolean reads = true;

    int held;
    int calls;
    int sent;
    int writables;
    boolean ended;
    boolean reset;

    Runnable onData = () -> {};
    Runnable onEnded = () -> {};
    Runnable onReset = () -> {};
    Runnable onWritable = () -> {};
    Runnable onSent = () -> {};

    Ear(Side side, YamuxStream stream) {
        this.side = side;
        this.stream = stream;
        stream.listen(this);
    }

    /** Queues that many bytes of this stream's pattern, as one buffer. */
    Ear write(int bytes) {
        stream.write(side.pattern(bytes));
        return this;
    }

    /** Says that held bytes have left. */
    void consume(int bytes) {
        held -= bytes;
        stream.consumed(bytes, side.now());
    }

    @Override
    public void data(ByteBuf payload) {
        assertThat(ended).as("data behind the end").isFalse();
        assertThat(reset).as("data behind a reset").isFalse();
        int n = payload.readableBytes();
        assertThat(n).isPositive();
        byte[] bytes = new byte[n];
        payload.readBytes(bytes).release();
        heard.writeBytes(bytes);
        calls++;
        held += n;
        onData.run();
        if (reads) {
            consume(n);
        }
    }

    @Override
    public void ended() {
        assertThat(ended).as("a second end").isFalse();
        assertThat(reset).as("an end behind a reset").isFalse();
        ended = true;
        onEnded.run();
    }

    @Override
    public void reset() {
        assertThat(reset).as("a second reset").isFalse();
        reset = true;
        onReset.run();
    }

    @Override
    public void writable() {
        assertThat(stream.writable()).isTrue();
        writables++;
        onWritable.run();
    }

    @Override
    public void sent(int bytes) {
        sent += bytes;
        onSent.run();
    }
}
