package io.culvert.client;

import java.io.IOException;
import java.util.Optional;

/**
 * What became of one of many. Immutable, any thread.
 *
 * @param status of HTTP, as it would have been alone
 * @param value where it was done
 * @param problem where it was refused
 * @param document all that the server said; of a creation it holds the token. Pointers in it count within one request, those in the problem
 *     within all
 */
public record Outcome<T>(int status, Optional<T> value, Optional<Problem> problem, Document document) {
    /** True where it was done. */
    public boolean done() {
        return value.isPresent();
    }

    /** The same where so many stood in requests before this one. */
    Outcome<T> behind(int before) {
        return new Outcome<>(status, value, problem.map(refusal -> refusal.behind(before)), document);
    }

    static <T> Outcome<T> read(Answer answer, Answer.Reader<T> reader) throws IOException {
        return new Outcome<>(
                answer.count("status"),
                answer.anyObject("tunnel", reader),
                answer.anyObject("problem", Problem::read),
                answer.document());
    }
}
