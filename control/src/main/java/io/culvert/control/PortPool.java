package io.culvert.control;

/**
 * A named range of public ports that free ones are picked from. Immutable, any thread.
 *
 * @param name 1 to 64 of {@code a-z A-Z 0-9 . _ -}
 * @param from 1 to 65535; 0 together with {@code to} 0 where the system picks
 * @param to not below {@code from}
 */
public record PortPool(String name, int from, int to) {
    /** What the server's first pool is called. */
    public static final String DEFAULT = "default";

    /** The default pool where the system picks. */
    public static final PortPool SYSTEM = new PortPool(DEFAULT, 0, 0);

    public PortPool {
        if (!name.matches("[a-zA-Z0-9._-]{1,64}")) {
            throw new IllegalArgumentException("pool: '" + name + "' (expected: 1 to 64 of a-z A-Z 0-9 . _ -)");
        }
        boolean system = from == 0 && to == 0;
        if (!system && (from < 1 || to > 65_535 || from > to)) {
            throw new IllegalArgumentException("pool " + name + ": " + from + "-" + to
                    + " (expected: 1 ≤ FROM ≤ TO ≤ 65535, or 0 where the system picks)");
        }
    }

    /** True where the system picks. */
    boolean system() {
        return from == 0;
    }

    boolean contains(int port) {
        return port >= from && port <= to;
    }

    /** For messages: {@code pool web (20000-20100)}. */
    @Override
    public String toString() {
        return "pool " + name + (system() ? "" : " (" + from + "-" + to + ")");
    }
}
