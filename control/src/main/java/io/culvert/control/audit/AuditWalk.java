package io.culvert.control.audit;

import java.util.List;
import java.util.Optional;

/** A walk along the chain from its first entry on. Ledger thread only. */
final class AuditWalk {
    private long number;
    private String hash = AuditChain.START;

    /** Of the last entry that was sound; 0 at first. */
    long number() {
        return number;
    }

    /** Looks at the next entries; what came of it where the walk is over. */
    Optional<AuditCheck> over(List<AuditRecord> part) {
        for (AuditRecord record : part) {
            if (record.number() != number + 1) {
                return gap("entries " + (number + 1) + " to " + (record.number() - 1) + " are missing");
            }
            if (!AuditChain.follows(hash, record)) {
                return gap("it is not what was written behind entry " + number);
            }
            number = record.number();
            hash = record.hash();
        }
        return Optional.empty();
    }

    /**
     * There are no more.
     *
     * @param written how far this server knows the chain to go
     * @param stored how far the store says that it goes
     */
    Optional<AuditCheck> end(AuditStore.Head written, AuditStore.Head stored) {
        long last = Math.max(written.number(), stored.number());
        if (number < last) {
            return gap("entries " + (number + 1) + " to " + last + " are missing");
        }
        if (number == written.number() && !hash.equals(written.hash())) {
            return gap("the chain was written anew: entry " + number + " is not the one that this server wrote");
        }
        if (!stored.hash().equals(hash) || stored.number() != number) {
            return gap("the end of the chain was changed: it should be entry " + stored.number());
        }
        return Optional.of(new AuditCheck(number, hash, Optional.empty()));
    }

    private Optional<AuditCheck> gap(String why) {
        return Optional.of(new AuditCheck(number, hash, Optional.of(new AuditCheck.Gap(number + 1, why))));
    }
}
