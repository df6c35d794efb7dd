package io.culvert.control.audit;

import java.util.List;
import java.util.OptionalLong;

/**
 * Where the audit outlives the process. It has no way to change or take back an entry. Methods wait for the disk and throw a
 * {@link RuntimeException} where it fails; whether an append that failed was made is then not known. Called by one thread at a time.
 */
public interface AuditStore {
    /** Where the chain ends. */
    Head head();

    /**
     * Adds all of these or none; those that are there already, from a write whose answer was lost, stay as they are.
     *
     * @param records dense, the first one behind the last that is there, or one that is there
     */
    void append(List<AuditRecord> records);

    /**
     * Some of the entries, as they stand.
     *
     * @param after only larger numbers, smallest first; for the newest first use {@link #before}
     * @param most at least 1
     */
    List<AuditRecord> after(AuditFilter filter, long after, int most);

    /**
     * Some of the entries, newest first.
     *
     * @param before only smaller numbers; empty for the newest ones
     * @param most at least 1
     */
    List<AuditRecord> before(AuditFilter filter, OptionalLong before, int most);

    /**
     * The end of the chain, kept apart from the entries: so that it shows where the last ones are missing.
     *
     * @param number of the last entry that was written; 0 for none
     * @param hash of that entry; 64 zeros for none
     */
    record Head(long number, String hash) {}
}
