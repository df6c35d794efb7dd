package io.culvert.link.net;

import io.culvert.link.bytes.MalformedException;
import io.culvert.link.relay.CloseReason;
import io.culvert.link.relay.LegEvents;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads what stands at the start of a stream and then lets go of it: the bytes behind the head wait for whoever attaches next. A stream
 * that ends before its head is whole is reset. Lives on the session's loop.
 *
 * @param <H> the head
 */
public final class HeadReader<H> implements LegEvents {
    private final StreamLeg stream;
    /** A head that comes byte by byte shall not become a thousand boxes in one another. */
    private final Gatherer gatherer;

    private final Function<ByteBuf, @Nullable H> decoder;
    private final Consumer<H> then;
    private final Consumer<String> malformed;

    private HeadReader(
            StreamLeg stream,
            ByteBufAllocator alloc,
            Function<ByteBuf, @Nullable H> decoder,
            Consumer<H> then,
            Consumer<String> malformed) {
        this.stream = stream;
        this.gatherer = new Gatherer(alloc);
        this.decoder = decoder;
        this.then = then;
        this.malformed = malformed;
    }

    /**
     * Begins to read.
     *
     * @param decoder answers null while the head is not whole, and throws {@link MalformedException} where it is none
     * @param then hears the head; the stream is detached by then
     * @param malformed hears why the stream was reset, where it was for its head
     */
    public static <H> void read(
            StreamLeg stream,
            ByteBufAllocator alloc,
            Function<ByteBuf, @Nullable H> decoder,
            Consumer<H> then,
            Consumer<String> malformed) {
        stream.attach(new HeadReader<>(stream, alloc, decoder, then, malformed));
    }

    @Override
    public void data(ByteBuf bytes) {
        ByteBuf all = gatherer.with(bytes);
        int there = all.readableBytes();
        H head;
        try {
            head = decoder.apply(all);
        } catch (MalformedException e) {
            all.release();
            stream.reset();
            malformed.accept(String.valueOf(e.getMessage()));
            return;
        }
        if (head == null) {
            gatherer.keep(all);
            return;
        }
        stream.consumed(there - all.readableBytes());
        stream.detach(all);
        then.accept(head);
    }

    @Override
    public void dataComplete() {
        // The head is looked at as it comes.
    }

    @Override
    public void ended() {
        gatherer.drop();
        stream.reset();
    }

    @Override
    public void failed(CloseReason reason) {
        gatherer.drop();
    }

    @Override
    public void writable() {
        // Nothing is written before the head is read.
    }

    @Override
    public void sent(int bytes) {
        // Likewise.
    }
}
