package io.culvert.client;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * What each step of a visitor's way said just now. Immutable, any thread.
 *
 * @param ok true where no step failed
 * @param steps listener, session, target
 */
public record Probe(boolean ok, List<Step> steps, Document document) {
    public Probe {
        steps = List.copyOf(steps);
    }

    /**
     * One step.
     *
     * @param step {@code listener}, {@code session} or {@code target}
     * @param outcome {@code ok}, {@code failed}, {@code unknown} or {@code skipped}
     */
    public record Step(String step, String outcome, String text, Duration took) {
        static Step read(Answer answer) throws IOException {
            return new Step(
                    answer.text("step"), answer.text("outcome"), answer.text("text"), answer.seconds("took_seconds"));
        }
    }

    static Probe read(Answer answer) throws IOException {
        return new Probe(answer.truth("ok"), answer.list("steps", Step::read), answer.document());
    }
}
