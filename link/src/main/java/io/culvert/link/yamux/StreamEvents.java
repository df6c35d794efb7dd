package io.culvert.link.yamux;

import io.netty.buffer.ByteBuf;

/** What one stream tells whoever carries it on. Called from within the session's methods, on their thread. */
public interface StreamEvents {
    /**
     * Payload, in order. The receiver of the call owns the buffer and must say {@link YamuxStream#consumed} once the bytes have left it:
     * that is what lets the peer send more.
     */
    void data(ByteBuf payload);

    /** The peer sends no more (FIN); it may still receive. At most once, never after {@link #reset}. */
    void ended();

    /** The stream is gone in both directions, by the peer's RST or because the session ended. At most once, and the last call. */
    void reset();

    /** {@link YamuxStream#writable()} turned true again. */
    void writable();

    /** Bytes of {@link YamuxStream#write} went out to the peer. */
    void sent(int bytes);
}
