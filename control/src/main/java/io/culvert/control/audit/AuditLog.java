package io.culvert.control.audit;

import io.culvert.control.ledger.Duty;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * The audit of this server. Adding never waits; the ledger thread writes in the order in which entries were added, within a moment. Methods may be
 * called from any thread but for those of {@link Duty}; stages complete on the ledger thread, and whoever continues them there must not wait.
 */
@SuppressWarnings("DoNotCallSuggester") // the face first: nothing is behind it yet
public final class AuditLog implements Duty {
    private AuditLog() {}

    /**
     * Goes on where the store ends. Waits for the disk; by the thread that starts the server.
     *
     * @param thread the ledger thread, the same that takes the turns
     * @param hurry asks that thread for a turn within a moment, {@code LedgerThread::hurry}
     */
    public static AuditLog open(AuditStore store, Executor thread, Runnable hurry) {
        throw new UnsupportedOperationException();
    }

    /** Adds an entry. Texts that are too long are cut, documents that are too long are replaced by a word about it. */
    public void add(AuditEntry entry) {
        throw new UnsupportedOperationException();
    }

    /**
     * A page, newest first, with all that was added before the call.
     *
     * @param before the cursor: the smallest number of the page before; empty for the first page
     * @param most 1 to 1,000
     */
    public CompletionStage<List<AuditRecord>> page(AuditFilter filter, OptionalLong before, int most) {
        throw new UnsupportedOperationException();
    }

    /**
     * A part of an export, oldest first, with all that was added before the call.
     *
     * @param after the largest number of the part before; 0 at first
     * @param most 1 to 1,000; fewer come only where there are no more
     */
    public CompletionStage<List<AuditRecord>> export(AuditFilter filter, long after, int most) {
        throw new UnsupportedOperationException();
    }

    /** Walks the whole chain, a part at a time, and tells where it breaks first. */
    public CompletionStage<AuditCheck> verify() {
        throw new UnsupportedOperationException();
    }

    /** A record as one line of NDJSON, with the newline: all of it, so that the chain can be checked from an export alone. */
    public static String line(AuditRecord record) {
        throw new UnsupportedOperationException();
    }

    @Override
    public String name() {
        return "audit";
    }

    @Override
    public void turn() {
        throw new UnsupportedOperationException();
    }
}
