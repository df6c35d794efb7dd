package io.culvert.control.usage;

import java.time.Instant;
import java.util.Random;

/** A real store behind a bad line: some writes fail, and some of those were made all the same. One thread. */
final class FlakyStore implements UsageStore {
    private final UsageStore store;
    private final Random random;
    boolean failing;
    boolean dead;

    /** What the line says. */
    static final class Failure extends RuntimeException {
        Failure() {
            super("on purpose");
        }
    }

    FlakyStore(UsageStore store, Random random) {
        this.store = store;
        this.random = random;
    }

    @Override
    public Restored load(Instant now) {
        return store.load(now);
    }

    @Override
    public void write(Batch batch) {
        if (dead || (failing && random.nextInt(4) == 0)) {
            throw new Failure();
        }
        store.write(batch);
        if (failing && random.nextInt(4) == 0) {
            throw new Failure();
        }
    }

    @Override
    public Slots slots(long tunnel, Grain grain, Instant from, Instant to) {
        return store.slots(tunnel, grain, from, to);
    }

    @Override
    public boolean prune(Grain grain, Instant before) {
        return store.prune(grain, before);
    }

    @Override
    public void pruneEnded(Instant before) {
        store.pruneEnded(before);
    }
}
