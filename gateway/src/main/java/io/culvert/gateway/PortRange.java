package io.culvert.gateway;

/**
 * The public ports that may be picked for tunnels which ask for no port of their own. Immutable, any thread.
 *
 * @param from first port, 1 to 65535; 0 together with {@code to} 0 lets the system pick
 * @param to last port, not below {@code from}
 */
public record PortRange(int from, int to) {
    /** Whatever the system gives. */
    public static final PortRange ANY = new PortRange(0, 0);

    public PortRange {
        boolean any = from == 0 && to == 0;
        if (!any && (from < 1 || to > 65535 || from > to)) {
            throw new IllegalArgumentException(
                    "ports: " + from + "-" + to + " (expected: 1 ≤ FROM ≤ TO ≤ 65535, or 0)");
        }
    }

    /** True where the system picks. */
    public boolean any() {
        return from == 0;
    }

    /** How many ports there are; 0 where the system picks. */
    public int size() {
        return any() ? 0 : to - from + 1;
    }

    @Override
    public String toString() {
        return any() ? "0" : from + "-" + to;
    }
}
