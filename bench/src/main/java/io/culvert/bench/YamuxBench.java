package io.culvert.bench;

import io.culvert.link.yamux.StreamEvents;
import io.culvert.link.yamux.Yamux;
import io.culvert.link.yamux.YamuxEvents;
import io.culvert.link.yamux.YamuxLimits;
import io.culvert.link.yamux.YamuxStream;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Two yamux sessions back to back, no socket and no TLS between them: what framing, windows and turns cost by themselves. One operation
 * carries one mebibyte from the side that opens streams to the side that accepts them, in equal pieces, and what comes back is credit.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class YamuxBench {
    private static final int MIB = 1 << 20;
    private static final int PUMP_BUDGET = 256 * 1024;

    /** Streams that take turns. */
    @Param({"1", "64"})
    public int streams = 1;

    /** Bytes of one write: what a read from a socket brought. */
    @Param({"1024", "65536"})
    public int piece = 65536;

    private final PooledByteBufAllocator alloc = PooledByteBufAllocator.DEFAULT;
    private final End acceptor = new End(Yamux.Role.SERVER, YamuxLimits.acceptor());
    private final End opener = new End(Yamux.Role.CLIENT, YamuxLimits.opener());
    private final Queue<YamuxStream> turns = new ArrayDeque<>();
    private final ByteBuf source = alloc.directBuffer(65536).writeZero(65536);
    private long arrived;
    private long now;

    /** Carries a mebibyte. Returns all bytes that have arrived so far. */
    @Benchmark
    public long carryMebibyte() {
        long before = arrived;
        while (turns.size() < streams) {
            YamuxStream stream = opener.yamux.open(now);
            if (stream == null) {
                throw new IllegalStateException("a stream was refused (expected: room for " + streams + ")");
            }
            stream.listen(new Sink(stream));
            turns.add(stream);
        }
        for (int left = MIB; left > 0; left -= piece) {
            YamuxStream stream = turns.remove();
            if (!stream.writable()) {
                exchange();
            }
            stream.write(source.retainedSlice(0, piece));
            turns.add(stream);
        }
        exchange();
        if (arrived - before != MIB) {
            throw new IllegalStateException(arrived - before + " bytes arrived (expected: " + MIB + ")");
        }
        return arrived;
    }

    /** Lets both sides talk until neither has anything to say. */
    private void exchange() {
        boolean moved = true;
        while (moved) {
            now += 1000;
            moved = opener.yamux.pump(PUMP_BUDGET) > 0;
            moved |= opener.deliver(acceptor.yamux);
            moved |= acceptor.deliver(opener.yamux);
        }
    }

    /** Gives back what is held. */
    @TearDown
    public void close() {
        opener.yamux.close();
        acceptor.yamux.close();
        source.release();
    }

    /** One end of the session. */
    private final class End implements YamuxEvents {
        private final Queue<ByteBuf> sent = new ArrayDeque<>();
        private final Yamux yamux;

        End(Yamux.Role role, YamuxLimits limits) {
            yamux = new Yamux(role, limits, alloc, this);
        }

        boolean deliver(Yamux peer) {
            boolean any = false;
            for (ByteBuf bytes = sent.poll(); bytes != null; bytes = sent.poll()) {
                peer.receive(bytes, now);
                bytes.release();
                any = true;
            }
            return any;
        }

        @Override
        public void send(ByteBuf bytes) {
            sent.add(bytes);
        }

        @Override
        public void opened(YamuxStream stream) {
            stream.listen(new Sink(stream));
        }

        @Override
        public void pong(int value) {}

        @Override
        public void goAway(int code) {}
    }

    /** Takes what comes on a stream, and is done with it at once; nothing comes on the side that only sends. */
    private final class Sink implements StreamEvents {
        private final YamuxStream stream;

        Sink(YamuxStream stream) {
            this.stream = stream;
        }

        @Override
        public void data(ByteBuf payload) {
            int n = payload.readableBytes();
            payload.release();
            arrived += n;
            stream.consumed(n, now);
        }

        @Override
        public void ended() {}

        @Override
        public void reset() {}

        @Override
        public void writable() {}

        @Override
        public void sent(int bytes) {}
    }
}
