package io.culvert.control.audit;

/** How entries are chained. No state, any thread. */
final class AuditChain {
    /** What the first entry follows on. */
    static final String START = "0".repeat(64);

    private AuditChain() {}
}
