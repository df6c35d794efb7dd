package io.culvert.web.http;

import java.util.List;
import java.util.Optional;

/** A request that is refused with a problem. Carries no stack trace: hostile bytes shall cost nothing. Immutable, any thread. */
public final class ProblemException extends RuntimeException {
    // Never serialized: it lives and dies within one request.
    private final transient Problem problem;

    public ProblemException(Problem problem) {
        super(problem.detail(), null, false, false);
        this.problem = problem;
    }

    /** One value that is at fault. */
    public static ProblemException invalid(String field, String value, String expected) {
        return new ProblemException(Problem.of(List.of(new Problem.Flaw(field, Optional.of(value), expected))));
    }

    /** What the caller is told. */
    public Problem problem() {
        return problem;
    }
}
