package io.culvert.gateway.engine;

/** How many connections may come in a second, as many at once. Lives on the tunnel's home loop. */
final class Arrivals {
    private final int perSecond;
    private double allowance;
    private long countedAt;

    /**
     * With everything saved up.
     *
     * @param perSecond 0 for no bound
     */
    Arrivals(int perSecond, long now) {
        this.perSecond = perSecond;
        this.allowance = perSecond;
        this.countedAt = now;
    }

    int perSecond() {
        return perSecond;
    }

    /** Whether another may come now; {@link #came} says that it did. */
    boolean open(long now) {
        if (perSecond == 0) {
            return true;
        }
        allowance = Math.min(perSecond, allowance + (now - countedAt) * 1e-9 * perSecond);
        countedAt = now;
        return allowance >= 1;
    }

    void came() {
        if (perSecond > 0) {
            allowance--;
        }
    }
}
