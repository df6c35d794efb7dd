package io.culvert.bench;

import io.culvert.link.agent.DatagramFrame;
import io.culvert.link.agent.StreamHead;
import io.culvert.link.goproxy.Datagram;
import io.culvert.link.goproxy.GoproxyHead;
import io.culvert.link.goproxy.Preface;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What a message of each kind costs: written into a pooled buffer and read from it again. One operation is one message, there and back. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CodecBench {
    private static final int DATAGRAM = 1200;

    private final PooledByteBufAllocator alloc = PooledByteBufAllocator.DEFAULT;
    private final ByteBuf body = alloc.directBuffer(DATAGRAM).writeZero(DATAGRAM);
    private final StreamHead head = new StreamHead("127.0.0.1:8080", "192.0.2.7:50123");
    private final GoproxyHead goproxyHead =
            new GoproxyHead("0123456789abcdef", GoproxyHead.Transport.TCP, "127.0.0.1:8080", "server-1");
    private final Preface preface = new Preface.Client("key", 1);

    /** The head of each stream to Culvert's own agent. */
    @Benchmark
    public StreamHead streamHead() {
        ByteBuf bytes = head.encode(alloc);
        try {
            return Objects.requireNonNull(StreamHead.decode(bytes));
        } finally {
            bytes.release();
        }
    }

    /** The head of each stream to a stock goproxy client. */
    @Benchmark
    public GoproxyHead goproxyHead() {
        ByteBuf bytes = goproxyHead.encode(alloc);
        try {
            return Objects.requireNonNull(GoproxyHead.decode(bytes));
        } finally {
            bytes.release();
        }
    }

    /** What a stock goproxy client says first on each connection. */
    @Benchmark
    public Preface goproxyPreface() {
        ByteBuf bytes = preface.encode(alloc);
        try {
            return Objects.requireNonNull(Preface.decode(bytes));
        } finally {
            bytes.release();
        }
    }

    /** A datagram of 1,200 bytes as Culvert's own agent gets it. */
    @Benchmark
    public int datagram() {
        ByteBuf bytes = DatagramFrame.encode(body.retainedDuplicate(), alloc);
        try {
            ByteBuf decoded = Objects.requireNonNull(DatagramFrame.decode(bytes));
            int n = decoded.readableBytes();
            decoded.release();
            return n;
        } finally {
            bytes.release();
        }
    }

    /** The same as a stock goproxy client gets it. */
    @Benchmark
    public int goproxyDatagram() {
        ByteBuf bytes = new Datagram("192.0.2.7:50123", body.retainedDuplicate()).encode(alloc);
        try {
            Datagram decoded = Objects.requireNonNull(Datagram.decode(bytes));
            int n = decoded.body().readableBytes();
            decoded.body().release();
            return n;
        } finally {
            bytes.release();
        }
    }
}
