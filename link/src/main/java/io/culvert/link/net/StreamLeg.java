package io.culvert.link.net;

import io.culvert.link.relay.CloseReason;
import io.culvert.link.relay.Leg;
import io.culvert.link.relay.LegEvents;
import io.culvert.link.yamux.StreamEvents;
import io.culvert.link.yamux.YamuxStream;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * A stream of a session as one end of a relay. What arrives before {@link #attach} waits, bounded by the stream's window, and is dropped where the
 * stream is reset, by either side, or its session ends before it. Lives on the session's loop.
 */
public final class StreamLeg implements Leg {
    private final Mux mux;
    private final YamuxStream stream;
    private final Deque<ByteBuf> early = new ArrayDeque<>(1);
    private @Nullable LegEvents events;
    private @Nullable Runnable onLoss;
    /** Written while nobody was attached, and not sent yet: a head, which is no relay's. */
    private int ahead;

    private boolean earlyEnd;
    private boolean failed;

    boolean touched;

    StreamLeg(Mux mux, YamuxStream stream) {
        this.mux = mux;
        this.stream = stream;
        stream.listen(new FromPeer());
    }

    @Override
    public void attach(LegEvents listener) {
        assert mux.inEventLoop();
        events = listener;
        onLoss = null;
        while (events == listener && !early.isEmpty()) {
            listener.data(early.remove());
        }
        if (events != listener) {
            // It let go, or reset the stream, or the session ended, of which it has been told.
            return;
        }
        listener.dataComplete();
        if (failed) {
            listener.failed(CloseReason.SESSION_LOST);
        } else if (earlyEnd) {
            listener.ended();
        }
    }

    /**
     * Lets go of the listener: what arrives from now on waits for the next {@link #attach}, behind these bytes.
     *
     * @param unread delivered, but not the listener's; taken over
     */
    public void detach(ByteBuf unread) {
        events = null;
        if (unread.isReadable()) {
            early.addFirst(unread);
        } else {
            unread.release();
        }
    }

    /** Whom to tell where the peer resets the stream, or its session ends, before the next {@link #attach}. */
    public void onLoss(Runnable listener) {
        assert mux.inEventLoop();
        onLoss = listener;
    }

    /** Sends bytes, with or without a relay: a stream's head goes ahead of it. */
    @Override
    public void write(ByteBuf bytes) {
        assert mux.inEventLoop();
        if (events == null) {
            ahead += bytes.readableBytes();
        }
        stream.write(bytes);
    }

    @Override
    public void flush() {
        mux.wantFlushOfBurst();
    }

    @Override
    public boolean writable() {
        return stream.writable();
    }

    /** Likewise for a datagram, whose source cannot rest: false where it should be dropped. */
    boolean takesDatagram() {
        return stream.takesDatagram();
    }

    @Override
    public void reading(boolean on) {
        // The peer can send no more than its credit, and credit is given back only for bytes that have left.
    }

    @Override
    public void consumed(int bytes) {
        assert mux.inEventLoop();
        stream.consumed(bytes, mux.now());
        // The last write may have left long after the session's last
        // read: without this the credit would wait for the next ping.
        mux.flushAwaited();
    }

    /** As {@link YamuxStream#holdsBeside}. */
    public void holdsBeside(int bytes) {
        stream.holdsBeside(bytes);
    }

    @Override
    public void end() {
        assert mux.inEventLoop();
        stream.finish();
        mux.flushAwaited();
    }

    /**
     * Sends FIN, and waits for the peer's only so long: then the stream is reset. For streams whose late bytes nobody wants, so that a peer
     * that never answers holds none of them for ever.
     */
    public void endWithin(Duration patience) {
        end();
        if (!stream.gone()) {
            mux.after(patience, () -> {
                if (!stream.gone()) {
                    reset();
                }
            });
        }
    }

    @Override
    public void reset() {
        assert mux.inEventLoop();
        events = null;
        onLoss = null;
        dropEarly();
        stream.reset();
        mux.wantFlush();
    }

    private void dropEarly() {
        for (ByteBuf bytes = early.poll(); bytes != null; bytes = early.poll()) {
            bytes.release();
        }
    }

    void burstComplete() {
        touched = false;
        LegEvents listener = events;
        if (listener != null) {
            listener.dataComplete();
        }
    }

    private final class FromPeer implements StreamEvents {
        @Override
        public void data(ByteBuf payload) {
            LegEvents listener = events;
            if (listener == null) {
                early.add(payload);
                return;
            }
            mux.touch(StreamLeg.this);
            listener.data(payload);
        }

        @Override
        public void ended() {
            LegEvents listener = events;
            if (listener == null) {
                earlyEnd = true;
            } else {
                listener.ended();
            }
        }

        @Override
        public void reset() {
            failed = true;
            // The session counts them no more, and a dial takes seconds: visitors who come and go would pile them up.
            dropEarly();
            LegEvents listener = events;
            Runnable loss = onLoss;
            events = null;
            onLoss = null;
            if (listener != null) {
                listener.failed(mux.over() ? CloseReason.SESSION_LOST : CloseReason.RIGHT_RESET);
            } else if (loss != null) {
                loss.run();
            }
        }

        @Override
        public void writable() {
            LegEvents listener = events;
            if (listener != null) {
                listener.writable();
            }
        }

        @Override
        public void sent(int bytes) {
            // A relay pays credit to its other side for what was sent:
            // it must not hear of bytes that did not come from there.
            int own = Math.min(ahead, bytes);
            ahead -= own;
            LegEvents listener = events;
            if (listener != null && bytes > own) {
                listener.sent(bytes - own);
            }
        }
    }
}
