package io.culvert.link.relay;

import io.netty.buffer.ByteBuf;

/** What a leg tells; called on the leg's thread. */
public interface LegEvents {
    /** Bytes from the far end, in order. The receiver of the call owns the buffer. */
    void data(ByteBuf bytes);

    /** The burst of {@link #data} is over for now: a good moment to flush. */
    void dataComplete();

    /** The far end sends no more; it may still receive. At most once. */
    void ended();

    /** The leg is gone without a proper end. At most once, and the last call. */
    void failed(CloseReason reason);

    /** {@link Leg#writable} turned true. */
    void writable();

    /** Bytes written to this leg have left it. */
    void sent(int bytes);
}
