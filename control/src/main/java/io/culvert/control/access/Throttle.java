package io.culvert.control.access;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;

/** Counts what failed, and says how long to wait. Memory only, bounded. Any thread; never waits. */
@SuppressWarnings("DoNotCallSuggester") // the face first: nothing is behind it yet
public final class Throttle {
    /** What is tried. */
    public enum Kind {
        PASSWORD,
        KEY,
        /** A join token of an agent. */
        TOKEN
    }

    Throttle() {}

    /**
     * A secret that nobody can guess was wrong: a key, a join token. A right one is let in whatever this says, so that a
     * neighbour behind the same address shuts nobody out.
     *
     * @return how long wrong ones of this address are not worth an answer from now on; empty for not yet
     */
    public Optional<Duration> failed(Kind kind, InetAddress from) {
        throw new UnsupportedOperationException();
    }
}
