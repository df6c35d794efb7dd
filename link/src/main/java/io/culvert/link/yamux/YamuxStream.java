package io.culvert.link.yamux;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** One stream of a {@link Yamux} session; belongs to the session's thread. */
public final class YamuxStream {
    private final Yamux session;
    private final int id;
    private final boolean own;

    final Queue<ByteBuf> queue = new ArrayDeque<>(2);
    int queued;
    long sendWindow = Yamux.INITIAL_WINDOW;
    boolean ready;
    boolean stalled;

    /** Credit that the peer still holds. */
    int credit = Yamux.INITIAL_WINDOW;
    /** What credit and buffered bytes add up to after an update. */
    int window = Yamux.INITIAL_WINDOW;
    /** Received, and not yet consumed. */
    int buffered;
    /** What the buffered bytes cost in memory, which is more than they are. */
    long cost;
    /** What is held because of bytes that came here, beside themselves. */
    int beside;
    /** Nanoseconds of the last window update, on the caller's clock. */
    long updatedAt;

    boolean waiting;
    boolean acknowledged;
    /** Bytes were written here. */
    boolean wrote;
    /** Some of them behind the peer's end, which may wait for ours then. */
    boolean answers;

    boolean finWanted;
    boolean finSent;
    boolean finReceived;
    boolean gone;
    /** Gone, and nothing of it counts against the session's limits any more. */
    boolean forgotten;

    private @Nullable StreamEvents listener;

    YamuxStream(Yamux session, int id, boolean own, long now) {
        this.session = session;
        this.id = id;
        this.own = own;
        this.updatedAt = now;
    }

    /** The stream's number on the wire. */
    public int id() {
        return id;
    }

    boolean own() {
        return own;
    }

    /** Whom to tell; set before the session receives again. */
    public void listen(StreamEvents listener) {
        this.listener = listener;
    }

    StreamEvents events() {
        StreamEvents events = listener;
        if (events == null) {
            throw new IllegalStateException("stream " + Integer.toUnsignedString(id) + ": nobody listens");
        }
        return events;
    }

    /**
     * Queues bytes for the peer; they travel with {@link Yamux#pump}. Takes the buffer over, also where the stream is gone already or ended
     * by {@link #finish}: then it is dropped.
     */
    public void write(ByteBuf data) {
        session.write(this, data);
    }

    /** False while so much is queued that the source should rest; {@link StreamEvents#writable} tells the turn. */
    public boolean writable() {
        return session.writable(this);
    }

    /** Whether a further datagram should be queued or dropped: its source cannot rest, so more may wait than {@link #writable} would have. */
    public boolean takesDatagram() {
        return session.takesDatagram(this);
    }

    /** Sends FIN behind what is queued: nothing can be written after it. Repeating it does nothing. */
    public void finish() {
        session.finish(this);
    }

    /**
     * Ends both directions at once by RST and drops what is queued; the listener hears nothing more. On a stream that both sides have ended
     * it says that bytes not consumed yet never will be. Repeating it does nothing.
     */
    public void reset() {
        session.reset(this);
    }

    /**
     * Bytes of {@link StreamEvents#data} have left on the other side. Say so also where the stream is {@link #gone}: until then they count
     * against the session's limits.
     *
     * @param now nanoseconds of a monotonic clock, the same as for {@link Yamux#receive}
     */
    public void consumed(int bytes, long now) {
        session.consumed(this, bytes, now);
    }

    /**
     * What whoever reads the stream holds of it beside bytes that are not {@link #consumed}, as where they are unpacked: it is charged as
     * those are, also where the stream is {@link #gone}, until it is told to be 0.
     *
     * @param bytes in all, at least 0
     */
    public void holdsBeside(int bytes) {
        session.holdsBeside(this, bytes);
    }

    /** What all that came here costs. */
    long held() {
        return cost + beside;
    }

    /** True once no frame can come or go on the stream. */
    public boolean gone() {
        return gone;
    }

    void release() {
        for (ByteBuf bytes = queue.poll(); bytes != null; bytes = queue.poll()) {
            bytes.release();
        }
        session.forgetQueued(queued);
        queued = 0;
    }
}
