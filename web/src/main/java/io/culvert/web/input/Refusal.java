package io.culvert.web.input;

/** A request that is refused before it reaches a tunnel. Carries no stack trace: hostile bytes shall cost nothing. Immutable, any thread. */
public final class Refusal extends RuntimeException {
    private final int status;

    /**
     * @param status the HTTP status, 400 to 499
     * @param info written for the caller; says what was found and what was expected
     */
    public Refusal(int status, String info) {
        super(info, null, false, false);
        this.status = status;
    }

    /** The HTTP status, 400 to 499. */
    public int status() {
        return status;
    }

    /** What is wrong, in words for the caller. */
    public String info() {
        return String.valueOf(getMessage());
    }
}
