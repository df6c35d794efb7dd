package io.culvert.gateway;

/**
 * Bounds on bytes per second. Immutable, any thread.
 *
 * @param in from visitors to the target; 0 for no bound
 * @param out from the target to visitors; 0 for no bound
 */
public record Rates(long in, long out) {
    /** No bound either way. */
    public static final Rates UNBOUNDED = new Rates(0, 0);

    public Rates {
        if (in < 0 || out < 0) {
            throw new IllegalArgumentException("bytes per second: " + in + ", " + out + " (expected: at least 0)");
        }
    }
}
