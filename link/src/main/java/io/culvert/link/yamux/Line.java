package io.culvert.link.yamux;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Streams that wait for their turn, first come, first served. A stream that goes away leaves at no cost: it is passed over, and swept out
 * with its likes once they are the majority, so that a line which nobody calls up cannot fill with the dead. Belongs to the session's
 * thread.
 */
final class Line {
    private final ArrayDeque<YamuxStream> streams = new ArrayDeque<>();
    private int dead;

    void add(YamuxStream stream) {
        streams.add(stream);
    }

    /** The next stream that is not gone, out of the line; null where there is none. */
    @Nullable
    YamuxStream poll() {
        YamuxStream stream = streams.poll();
        while (stream != null && stream.gone) {
            dead--;
            stream = streams.poll();
        }
        return stream;
    }

    /** One of the streams in the line has just gone. */
    void lostOne() {
        dead++;
        if (dead > streams.size() / 2) {
            streams.removeIf(YamuxStream::gone);
            dead = 0;
        }
    }

    /** True where {@link #poll} would answer null. */
    boolean isEmpty() {
        return streams.size() == dead;
    }

    /** Places in use, the dead ones too: what the line costs. */
    int places() {
        return streams.size();
    }

    void clear() {
        streams.clear();
        dead = 0;
    }
}
