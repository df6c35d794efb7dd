package io.culvert.web.http;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A problem document of RFC 9457. Immutable, any thread.
 *
 * @param detail this time, in one line for people
 * @param retryAfter seconds until it is worth to try again; 0 where that is not known
 * @param errors the values that are at fault, where it is values
 */
public record Problem(ProblemType type, String detail, List<Flaw> errors, long retryAfter) implements Payload {
    public Problem {
        errors = List.copyOf(errors);
    }

    /**
     * One value that is at fault.
     *
     * @param field a JSON pointer into the body, or the name of a parameter or header
     * @param value what was said, fit to be shown; empty where nothing was said or it is not to be shown
     * @param expected what would be right
     */
    public record Flaw(String field, Optional<String> value, String expected) {
        /** The same in one line. */
        public String line() {
            return field + ": " + value.map(said -> "'" + said + "' ").orElse("") + "(expected: " + expected + ")";
        }
    }

    /** A problem that is nobody's value. */
    public static Problem of(ProblemType type, String detail) {
        return new Problem(type, detail, List.of(), type == ProblemType.UNAVAILABLE ? 1 : 0);
    }

    /** One that is over in so many seconds. */
    public static Problem of(ProblemType type, String detail, long retryAfter) {
        return new Problem(type, detail, List.of(), retryAfter);
    }

    /** What was found in a request, at least one thing. */
    public static Problem of(List<Flaw> errors) {
        String more = errors.size() > 1 ? " and " + (errors.size() - 1) + " more" : "";
        return new Problem(ProblemType.INVALID_REQUEST, errors.get(0).line() + more, errors, 0);
    }

    /** What the seed's API would call a fault. */
    public static Problem of(Fault fault) {
        return of(ProblemType.ofStatus(fault.status()), fault.info());
    }

    /** The same of a body that is part of a larger one, in which it stands at this pointer. */
    public Problem within(String pointer) {
        return type != ProblemType.INVALID_REQUEST || errors.isEmpty()
                ? this
                : of(errors.stream()
                        .map(flaw -> new Flaw(pointer + flaw.field(), flaw.value(), flaw.expected()))
                        .toList());
    }

    /** The HTTP status, 400 to 599. */
    public int status() {
        return type.status();
    }

    /** The document. */
    public JsonObject document() {
        JsonArray list = new JsonArray();
        for (Flaw error : errors) {
            list.add(new JsonObject()
                    .put("field", error.field())
                    .put("value", error.value().orElse(null))
                    .put("expected", error.expected()));
        }
        return new JsonObject()
                .put("type", type.uri())
                .put("title", type.title())
                .put("status", type.status())
                .put("detail", detail)
                .put("errors", list);
    }

    @Override
    public byte[] bytes() {
        return document().encode().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public Map<String, String> headers() {
        return retryAfter > 0
                ? Map.of("Content-Type", "application/problem+json", "Retry-After", String.valueOf(retryAfter))
                : Map.of("Content-Type", "application/problem+json");
    }
}
