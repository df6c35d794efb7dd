package io.culvert.control.audit;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * How entries are chained. The hash of an entry is SHA-256 over
 *
 * <pre>
 *   32 bytes  hash of the entry before, zeros for the first
 *    8 bytes  number                          all numbers big-endian
 *    8 bytes  microseconds since 1970
 *   then caller, kind, address, operation, target, outcome, before, after, each as
 *    4 bytes  length of the text in UTF-8, -1 for none
 *    n bytes  the text
 * </pre>
 *
 * so that whoever has an export can check it. No state, any thread.
 */
final class AuditChain {
    /** What the first entry follows on. */
    static final String START = "0".repeat(64);

    private AuditChain() {}

    /** The entry behind this one. */
    static AuditRecord next(long number, String hash, AuditEntry entry) {
        return new AuditRecord(number + 1, entry, hash(hash, number + 1, entry));
    }

    /** Whether this is what was written behind an entry with that hash. */
    static boolean follows(String before, AuditRecord record) {
        return hash(before, record.number(), record.entry()).equals(record.hash());
    }

    private static String hash(String before, long number, AuditEntry entry) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.write(HexFormat.of().parseHex(before));
            out.writeLong(number);
            out.writeLong(ChronoUnit.MICROS.between(Instant.EPOCH, entry.at().truncatedTo(ChronoUnit.MICROS)));
            for (String text : List.of(
                    entry.caller(),
                    entry.kind().word(),
                    entry.address(),
                    entry.operation(),
                    entry.target(),
                    entry.outcome())) {
                write(out, Optional.of(text));
            }
            write(out, entry.before());
            write(out, entry.after());
        } catch (IOException e) {
            throw new UncheckedIOException("memory does not fail", e);
        }
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.toByteArray()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform must have SHA-256", e);
        }
    }

    private static void write(DataOutputStream out, Optional<String> text) throws IOException {
        if (text.isEmpty()) {
            out.writeInt(-1);
            return;
        }
        byte[] bytes = text.get().getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }
}
