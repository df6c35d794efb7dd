package io.culvert.control.usage;

import io.culvert.gateway.Counts;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * Where counts outlive the process. Methods wait for the disk and throw a {@link RuntimeException} where it fails; whether a change that failed
 * was made is then not known. Called by one thread at a time.
 */
public interface UsageStore {
    /**
     * What was there. Tunnels that the store of tunnels does not know any more have ended.
     *
     * @param now when they have
     */
    Restored load(Instant now);

    /** Makes all of these changes or none; none where a batch with this number was made before. */
    void write(Batch batch);

    /** The slots of a tunnel that begin in this time, oldest first. */
    Slots slots(long tunnel, Grain grain, Instant from, Instant to);

    /**
     * Lets go of a part of the slots that begin before this moment.
     *
     * @return true where more of them are left
     */
    boolean prune(Grain grain, Instant before);

    /** Lets go of the counts of tunnels that ended before this moment. */
    void pruneEnded(Instant before);

    /**
     * Changes that belong together: the counts are those behind all slots of this batch and the ones before it.
     *
     * @param number one more than that of the batch before
     * @param counts of tunnels whose counts have changed
     * @param ended when tunnels ended, for those of {@code counts} that have
     * @param shares what came in addition
     */
    record Batch(long number, Map<Long, Counts> counts, Map<Long, Instant> ended, List<Share> shares) {
        public Batch {
            counts = Map.copyOf(counts);
            ended = Map.copyOf(ended);
            shares = List.copyOf(shares);
        }
    }

    /** What a tunnel carried in addition in one slot. */
    record Share(long tunnel, Grain grain, UsageSlot slot) {}

    /**
     * What was read.
     *
     * @param batch the number of the last batch that is in it
     */
    record Slots(long batch, List<UsageSlot> slots) {
        public Slots {
            slots = List.copyOf(slots);
        }
    }

    /**
     * What was there.
     *
     * @param batch the number of the last batch; 0 for none
     * @param counts of tunnels that have not ended
     */
    record Restored(long batch, Map<Long, Counts> counts) {
        public Restored {
            counts = Map.copyOf(counts);
        }
    }
}
