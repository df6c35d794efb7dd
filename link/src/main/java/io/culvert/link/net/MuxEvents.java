package io.culvert.link.net;

/** What a {@link Mux} tells its owner; called on the channel's loop. */
public interface MuxEvents {
    /** The peer opened a stream. Its bytes wait until {@link StreamLeg#attach}. */
    void opened(StreamLeg stream);

    /** The peer says that it is about to leave; the code is yamux's or one of Culvert's own. */
    void goAway(int code);

    /** The session is over; all its streams have been reset. Called once, and last. */
    void closed(String why);
}
