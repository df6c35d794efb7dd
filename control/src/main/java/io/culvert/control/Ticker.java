package io.culvert.control;

/** A clock that only ever goes forward, for leases: setting the wall clock neither ends nor prolongs one. Any thread. */
@FunctionalInterface
public interface Ticker {
    /** Nanoseconds since an arbitrary origin; may be negative and may wrap, so compare by difference only, as with {@link System#nanoTime()}. */
    long nanos();

    /** The clock of this machine. */
    static Ticker system() {
        return System::nanoTime;
    }
}
