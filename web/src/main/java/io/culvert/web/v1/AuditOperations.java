package io.culvert.web.v1;

import io.culvert.control.audit.AuditEntry;
import io.culvert.control.audit.AuditFilter;
import io.culvert.control.audit.AuditLog;
import io.culvert.control.audit.AuditRecord;
import io.culvert.web.http.Payload;
import io.culvert.web.http.ProblemException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;

/** Who did what, for admins. Thread-safe; never waits. */
final class AuditOperations {
    private final AuditLog audit;

    AuditOperations(AuditLog audit) {
        this.audit = audit;
    }

    Map<String, Work> works() {
        return Map.of("listAudit", this::page, "exportAudit", this::export, "verifyAudit", this::verify);
    }

    private CompletionStage<Reply> page(Ask ask) {
        int limit = (int) ask.number("limit");
        OptionalLong before = ask.anyNumber("cursor").map(OptionalLong::of).orElse(OptionalLong.empty());
        return ask.reply(audit.page(filter(ask), before, limit), records -> {
            JsonArray list = new JsonArray();
            records.forEach(record -> list.add(document(record)));
            return Reply.ok(new JsonObject()
                    .put("entries", list)
                    .put(
                            "next_cursor",
                            records.size() < limit
                                    ? null
                                    : records.get(records.size() - 1).number()));
        });
    }

    private CompletionStage<Reply> export(Ask ask) {
        return ask.reply(
                audit.export(filter(ask), ask.number("after"), (int) ask.number("limit")),
                records -> new Reply.Whole(200, Map.of(), lines(records)));
    }

    private static Payload lines(List<AuditRecord> records) {
        String text = records.stream().map(AuditLog::line).collect(Collectors.joining());
        return new Payload() {
            @Override
            public byte[] bytes() {
                return text.getBytes(StandardCharsets.UTF_8);
            }

            @Override
            public Map<String, String> headers() {
                return Map.of("Content-Type", "application/x-ndjson");
            }
        };
    }

    private CompletionStage<Reply> verify(Ask ask) {
        ask.notes().nothing();
        return audit.verify()
                .thenApply(check -> Reply.ok(new JsonObject()
                        .put("sound", check.sound())
                        .put("head", check.head())
                        .put(
                                "gap",
                                check.gap()
                                        .map(gap -> new JsonObject()
                                                .put("number", gap.number())
                                                .put("why", gap.why()))
                                        .orElse(null))));
    }

    private static AuditFilter filter(Ask ask) {
        return new AuditFilter(
                ask.anyText("caller"),
                ask.anyText("operation"),
                ask.anyText("target"),
                time(ask, "from"),
                time(ask, "to"));
    }

    private static Optional<Instant> time(Ask ask, String name) {
        return ask.anyText(name)
                .map(said -> Units.instant(said)
                        .orElseThrow(() ->
                                ProblemException.invalid(name, said, "a time like 2026-11-23T12:00:00Z, since 1970")));
    }

    private static JsonObject document(AuditRecord record) {
        AuditEntry entry = record.entry();
        return new JsonObject()
                .put("number", record.number())
                .put("at", Units.time(entry.at()))
                .put("caller", entry.caller())
                .put("kind", entry.kind().word())
                .put("address", entry.address())
                .put("operation", entry.operation())
                .put("target", entry.target())
                .put("outcome", entry.outcome())
                .put("before", entry.before().map(AuditOperations::read).orElse(null))
                .put("after", entry.after().map(AuditOperations::read).orElse(null))
                .put("hash", record.hash());
    }

    /** A document that was too long is kept as a word about it. */
    private static Object read(String text) {
        return text.startsWith("{") ? new JsonObject(text) : text;
    }
}
