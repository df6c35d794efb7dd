package io.culvert.control.access;

/**
 * A sign-in that went well.
 *
 * @param secret for the cookie: told only here
 */
public record SignedIn(String secret, Visit visit) {
    @Override
    public String toString() {
        return "SignedIn[" + visit + ", secret=MASKED]";
    }
}
