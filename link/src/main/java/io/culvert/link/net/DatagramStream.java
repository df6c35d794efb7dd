package io.culvert.link.net;

import io.culvert.link.agent.DatagramFrame;
import io.culvert.link.bytes.MalformedException;
import io.culvert.link.relay.CloseReason;
import io.culvert.link.relay.LegEvents;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A stream that carries datagrams: each goes out as one write, and so as one data frame of its own; what comes in is put together again
 * whatever its cuts. Datagrams that cannot be queued are dropped, as a network would. Lives on the session's loop.
 */
public final class DatagramStream implements LegEvents {
    /** How datagrams lie in the stream. */
    public interface Codec {
        /** Copies a body into a frame. */
        ByteBuf encode(ByteBuf body, ByteBufAllocator allocator);

        /**
         * The next body, retained; null where it is not all there yet.
         *
         * @throws MalformedException where the bytes are no frame
         */
        @Nullable
        ByteBuf decode(ByteBuf in);
    }

    /** As Culvert's own agent has them. */
    public static final Codec OWN = new Codec() {
        @Override
        public ByteBuf encode(ByteBuf body, ByteBufAllocator allocator) {
            return DatagramFrame.encode(body, allocator);
        }

        @Override
        public @Nullable ByteBuf decode(ByteBuf in) {
            return DatagramFrame.decode(in);
        }
    };

    /** How long a peer may take to end its side of a stream that this side has ended. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** Who carries the datagrams on. */
    public interface Owner {
        /** A datagram came in. The callee owns the body and must release it. */
        void datagram(ByteBuf body);

        /** No more for the moment: the datagrams so far go on their way. Once for each burst, and ahead of {@link #closed}. */
        void burstComplete();

        /** The stream is over. At most once, and last. */
        void closed();
    }

    private final StreamLeg stream;
    private final ByteBufAllocator alloc;
    private final Codec codec;
    private final Owner owner;
    private final Gatherer gatherer;
    private boolean over;

    private DatagramStream(StreamLeg stream, ByteBufAllocator alloc, Codec codec, Owner owner) {
        this.stream = stream;
        this.alloc = alloc;
        this.gatherer = new Gatherer(alloc);
        this.codec = codec;
        this.owner = owner;
    }

    /** Takes a stream over, behind its head. */
    public static DatagramStream over(StreamLeg stream, ByteBufAllocator alloc, Codec codec, Owner owner) {
        DatagramStream datagrams = new DatagramStream(stream, alloc, codec, owner);
        stream.attach(datagrams);
        return datagrams;
    }

    /** Whether a datagram would be sent now, and not dropped. */
    public boolean ready() {
        return !over && stream.takesDatagram();
    }

    /** Sends a datagram; false where it was dropped because too much waits already, or the stream is over. The body stays the caller's. */
    public boolean send(ByteBuf body) {
        if (!ready()) {
            return false;
        }
        stream.write(codec.encode(body, alloc));
        stream.flush();
        return true;
    }

    /** Ends the stream, as goproxy does by FIN; what still comes is dropped. Repeating it does nothing. */
    public void close() {
        if (!over) {
            finish();
            stream.endWithin(PATIENCE);
        }
    }

    @Override
    public void data(ByteBuf bytes) {
        if (over) {
            stream.consumed(bytes.readableBytes());
            bytes.release();
            return;
        }
        ByteBuf all = gatherer.with(bytes);
        int there = all.readableBytes();
        try {
            ByteBuf body = codec.decode(all);
            while (body != null) {
                owner.datagram(body);
                // The owner may have ended the stream, and hears nothing behind its end.
                body = over ? null : codec.decode(all);
            }
        } catch (MalformedException e) {
            all.release();
            finish();
            stream.reset();
            return;
        }
        // UDP has no back-pressure to pass on: what was handed on counts as gone.
        stream.consumed(over ? there : there - all.readableBytes());
        if (all.isReadable() && !over) {
            gatherer.keep(all);
        } else {
            all.release();
        }
    }

    private void finish() {
        over = true;
        // Half a datagram is owed its credit too, or it would count against the session for ever.
        stream.consumed(gatherer.drop());
        owner.burstComplete();
        owner.closed();
    }

    @Override
    public void dataComplete() {
        if (!over) {
            owner.burstComplete();
        }
    }

    @Override
    public void ended() {
        close();
    }

    @Override
    public void failed(CloseReason reason) {
        if (!over) {
            finish();
        }
    }

    @Override
    public void writable() {
        // The next datagram will see.
    }

    @Override
    public void sent(int bytes) {
        // Nobody waits for it.
    }
}
