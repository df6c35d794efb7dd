package io.culvert.control.audit;

import java.util.Optional;

/**
 * What came of walking the chain. Immutable, any thread.
 *
 * @param sound how many entries from the first on follow on each other
 * @param head the hash of the last sound one; whoever noted it elsewhere can tell that nothing up to there was written anew
 * @param gap the first place where the chain breaks; empty for none
 */
public record AuditCheck(long sound, String head, Optional<Gap> gap) {
    /**
     * Where it breaks.
     *
     * @param number of the entry that is missing or not what was written
     * @param why in plain words
     */
    public record Gap(long number, String why) {}
}
