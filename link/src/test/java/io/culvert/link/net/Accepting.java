package io.culvert.link.net;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The owner of a session whose peer opens a stream and says nothing else. */
final class Accepting implements MuxEvents {
    private @Nullable StreamLeg accepted;

    /** The stream that the peer opened last. */
    StreamLeg stream() {
        return Objects.requireNonNull(accepted);
    }

    @Override
    public void opened(StreamLeg stream) {
        accepted = stream;
    }

    @Override
    public void goAway(int code) {
        throw new AssertionError("the peer said nothing");
    }

    @Override
    public void closed(String why) {}
}
