package io.culvert.control.usage;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Reads what tunnels carried. Any thread. */
public interface UsageReader {
    /**
     * The slots of a tunnel, living or ended, in which it carried anything, oldest first; the running slot is among them. Bytes that are in
     * flight now are in it within a second.
     *
     * @param from first moment
     * @param to the moment behind the last
     */
    CompletionStage<List<UsageSlot>> usage(long tunnel, Grain grain, Instant from, Instant to);
}
