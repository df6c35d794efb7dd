package io.culvert.link.yamux;

/**
 * How much one session may cost. All sizes in bytes.
 *
 * @param maxOpened streams that this side may have open at once, at least 1
 * @param maxAccepted streams that the peer may have open at once; 0 where it may open none (each try is answered by RST)
 * @param maxUnacknowledged own streams that may wait for the peer's ACK; further ones wait unsent. A stock peer queues 256
 * @param maxStreamWindow what a stream's receive window may grow to, at least {@link Yamux#INITIAL_WINDOW}
 * @param maxGrowth the sum by which all receive windows of the session may stand above {@link Yamux#INITIAL_WINDOW}
 * @param maxBuffered what received bytes that have not left on the other side may cost, over all streams: the bytes, 256 for each piece
 *     they came in, and what they were unpacked to ({@link YamuxStream#holdsBeside}); beyond it the stream that holds most is reset
 * @param maxFrame most payload of a data frame that we send, and each stream's turn when several want to send
 */
public record YamuxLimits(
        int maxOpened,
        int maxAccepted,
        int maxUnacknowledged,
        int maxStreamWindow,
        long maxGrowth,
        long maxBuffered,
        int maxFrame) {
    private static final int MIB = 1 << 20;

    public YamuxLimits {
        if (maxOpened < 1 || maxAccepted < 0 || maxUnacknowledged < 1 || maxFrame < 1) {
            throw new IllegalArgumentException(
                    "yamux limits: " + maxOpened + "/" + maxAccepted + "/" + maxUnacknowledged + "/" + maxFrame
                            + " (expected: counts and sizes of at least 1, 0 accepted streams allowed)");
        }
        if (maxStreamWindow < Yamux.INITIAL_WINDOW || maxGrowth < 0 || maxBuffered < Yamux.INITIAL_WINDOW) {
            throw new IllegalArgumentException("yamux windows: " + maxStreamWindow + "/" + maxGrowth + "/" + maxBuffered
                    + " (expected: at least " + Yamux.INITIAL_WINDOW + ", growth at least 0)");
        }
    }

    /** The server's side of a session with Culvert's own agent: it alone opens streams. */
    public static YamuxLimits opener() {
        return new YamuxLimits(16_384, 0, 16_384, 16 * MIB, 64L * MIB, 64L * MIB, 64 * 1024);
    }

    /** The agent's side of such a session: it opens none. */
    public static YamuxLimits acceptor() {
        return new YamuxLimits(1, 16_384, 1, 16 * MIB, 64L * MIB, 64L * MIB, 64 * 1024);
    }

    /**
     * The bridge's side of a session with a stock {@code proxy client}, which queues 256 streams that it has not accepted yet and resets
     * further ones.
     */
    public static YamuxLimits goproxyOpener() {
        return new YamuxLimits(16_384, 0, 256, 4 * MIB, 32L * MIB, 64L * MIB, 64 * 1024);
    }

    /** The bridge's side of a session with a stock {@code proxy server}, which opens a stream for each visitor. */
    public static YamuxLimits goproxyAcceptor() {
        return new YamuxLimits(1, 4096, 1, 4 * MIB, 32L * MIB, 64L * MIB, 64 * 1024);
    }
}
