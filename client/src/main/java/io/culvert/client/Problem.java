package io.culvert.client;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A refusal in the server's words (RFC 9457). Immutable, any thread.
 *
 * @param type what went wrong; never changes its meaning, and leads to its explanation: {@code /docs/problems#port-taken}
 * @param title the same for people
 * @param status the HTTP status, 400 to 599
 * @param detail what it was this time, for people; empty where the server did not say
 * @param errors the values that cannot be
 */
public record Problem(String type, String title, int status, String detail, List<Flaw> errors) {
    /** The {@code type} of an answer that is no problem document: a proxy's page, for instance. */
    public static final String UNKNOWN = "about:blank";

    private static final Pattern PLACE = Pattern.compile("(/(?:tunnels|ids)/)(\\d{1,4})(?=[/:]|$)");

    public Problem {
        errors = List.copyOf(errors);
    }

    /**
     * A value that cannot be.
     *
     * @param field a JSON pointer into the request, or the name of a parameter
     * @param value what was said, shortened; empty where nothing was, or where it is not shown
     */
    public record Flaw(String field, Optional<String> value, String expected) {
        static Flaw read(Answer answer) throws IOException {
            return new Flaw(answer.text("field"), answer.anyText("value"), answer.text("expected"));
        }
    }

    /** The last word of the type, {@code port-taken}; the whole type where it has none. */
    public String name() {
        return type.substring(type.indexOf('#') + 1);
    }

    /** The same where so many stood in requests before this one: {@code /tunnels/49/name} is {@code /tunnels/149/name}. */
    Problem behind(int before) {
        return new Problem(
                type,
                title,
                status,
                behind(before, detail),
                errors.stream()
                        .map(flaw -> new Flaw(behind(before, flaw.field()), flaw.value(), flaw.expected()))
                        .toList());
    }

    /** @param text a pointer, or what begins with one */
    private static String behind(int before, String text) {
        Matcher place = PLACE.matcher(text);
        return place.lookingAt()
                ? place.group(1) + (Integer.parseInt(place.group(2)) + before) + text.substring(place.end())
                : text;
    }

    static Problem read(Answer answer) throws IOException {
        return new Problem(
                answer.text("type"),
                answer.text("title"),
                answer.count("status"),
                answer.anyText("detail").orElse(""),
                answer.list("errors", Flaw::read));
    }

    static Problem of(int status, byte[] body) {
        try {
            return read(Answer.of(body));
        } catch (IOException e) {
            return new Problem(UNKNOWN, "HTTP status " + status, status, "", List.of());
        }
    }
}
