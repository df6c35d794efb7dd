package io.culvert.control.audit;

/**
 * An entry in its place. Immutable, any thread.
 *
 * @param number 1 for the first, dense
 * @param entry as it was written
 * @param hash 64 hexadecimal digits: SHA-256 over the hash before it (32 zero bytes at first) and this entry's bytes, see {@link AuditChain}
 */
public record AuditRecord(long number, AuditEntry entry, String hash) {}
