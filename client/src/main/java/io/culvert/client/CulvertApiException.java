package io.culvert.client;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The server understood that it was asked, and refused; nothing is wrong with the connection. Immutable, any thread. */
public final class CulvertApiException extends RuntimeException {
    private final transient Problem problem;
    private final transient Optional<Duration> retryAfter;

    /** How long the server asks to wait, where it says so. */
    public CulvertApiException(Problem problem, Optional<Duration> retryAfter) {
        super("refused with " + problem.status() + ": "
                + (problem.detail().isEmpty() ? problem.title() : problem.detail()));
        this.problem = problem;
        this.retryAfter = retryAfter;
    }

    /**
     * Without a problem document.
     *
     * @param status the HTTP status, 400 to 599
     * @param detail the server's own words; empty where it gave none
     */
    public CulvertApiException(int status, String detail) {
        this(new Problem(Problem.UNKNOWN, "HTTP status " + status, status, detail, List.of()), Optional.empty());
    }

    /** The same where so many stood in requests before this one. */
    CulvertApiException behind(int before) {
        return new CulvertApiException(problem.behind(before), retryAfter);
    }

    /** What the server said. */
    public Problem problem() {
        return problem;
    }

    /** The HTTP status, 400 to 599. */
    public int status() {
        return problem.status();
    }

    /** The server's own words; empty where it gave none. */
    public String detail() {
        return problem.detail();
    }

    /** How long the server asks to wait before the next try. */
    public Optional<Duration> retryAfter() {
        return retryAfter;
    }

    /** Whether the same call may be granted later, with nobody doing anything about it: the server is too busy, cannot just now, or asks to slow down. */
    public boolean mayPass() {
        return status() >= 500 || status() == 429;
    }
}
