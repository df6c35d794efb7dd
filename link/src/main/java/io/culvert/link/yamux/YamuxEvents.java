package io.culvert.link.yamux;

import io.netty.buffer.ByteBuf;

/** What a session tells its surroundings. Called from within the session's methods, on their thread. */
public interface YamuxEvents {
    /** Bytes for the peer, in order: a header or a payload. The receiver of the call owns the buffer. */
    void send(ByteBuf bytes);

    /** Likewise bytes that the peer does not wait for: they may be kept a while to travel with what is sent next. */
    default void sendSoon(ByteBuf bytes) {
        send(bytes);
    }

    /**
     * What the streams hold has changed by much since this was last told.
     *
     * @param bytes received ones that have not left on the other side, at what they cost, and those that wait to be sent
     */
    default void held(long bytes) {}

    /** The peer opened a stream. Its events go to {@link YamuxStream#listen} from now on: set the listener before returning. */
    void opened(YamuxStream stream);

    /** The peer answered a ping of ours. */
    void pong(int value);

    /** The peer will open no more streams, or is about to leave. */
    void goAway(int code);
}
