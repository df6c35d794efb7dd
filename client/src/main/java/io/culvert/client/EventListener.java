package io.culvert.client;

import java.io.IOException;

/** Is told of events, on the thread that runs the {@link EventFeed}. */
public interface EventListener {
    /** Something happened. */
    void event(Event event);

    /** The stream is open: from now on nothing is missed. Called again each time it is open again. */
    default void connected() {}

    /** The stream broke; the feed opens it again by itself. */
    default void disconnected(IOException why) {}

    /**
     * The server does not keep that far back any more.
     *
     * @param after the last number that was told
     * @param before the next that can be
     */
    default void gap(long after, long before) {}
}
