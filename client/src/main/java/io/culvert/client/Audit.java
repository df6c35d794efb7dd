package io.culvert.client;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Who did what; for admins. As {@link Tunnels}. Thread-safe. */
public final class Audit {
    private static final int PAGE = 1000;

    private final Api api;

    Audit(Api api) {
        this.api = api;
    }

    /**
     * Some entries, newest first.
     *
     * @param nextCursor leads to the next page; empty behind the last
     */
    public record Page(List<AuditEntry> entries, Optional<Long> nextCursor) {
        public Page {
            entries = List.copyOf(entries);
        }
    }

    /**
     * What came of a walk along the chain.
     *
     * @param sound how many entries follow on each other from the first on
     * @param head the hash of the last of them
     * @param gap where it breaks first, and why
     */
    public record Check(long sound, String head, Optional<String> gap) {
        static Check read(Answer answer) throws IOException {
            return new Check(
                    answer.number("sound"),
                    answer.text("head"),
                    answer.anyObject("gap", gap -> gap.number("number") + ": " + gap.text("why")));
        }
    }

    /** The newest entries that fit, as many pages as it takes. */
    public List<AuditEntry> newest(AuditFilter filter, int most) throws IOException {
        List<AuditEntry> entries = new ArrayList<>();
        Optional<Long> cursor = Optional.empty();
        do {
            Page page = page(filter, Math.min(PAGE, most - entries.size()), cursor);
            entries.addAll(page.entries());
            cursor = page.nextCursor();
        } while (cursor.isPresent() && entries.size() < most);
        return entries;
    }

    /**
     * One page.
     *
     * @param limit 1 to 1,000
     * @param cursor that of the page before, asked for with the same filter; empty for the first
     */
    public Page page(AuditFilter filter, int limit, Optional<Long> cursor) throws IOException {
        Answer answer = api.get("audit" + filter.query().add("limit", limit).addAny("cursor", cursor))
                .answer();
        return new Page(answer.list("entries", AuditEntry::read), answer.anyNumber("next_cursor"));
    }

    /**
     * Entries behind a number as NDJSON, oldest first; fewer lines than the limit come only where there are no more.
     *
     * @param limit 1 to 1,000
     */
    public String export(AuditFilter filter, long after, int limit) throws IOException {
        return api.get("audit/export" + filter.query().add("after", after).add("limit", limit))
                .text();
    }

    /** Walks the chain. */
    public Check verify() throws IOException {
        return Check.read(api.get("audit/verify").answer());
    }
}
