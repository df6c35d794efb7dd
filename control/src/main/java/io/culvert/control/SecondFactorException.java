package io.culvert.control;

/** The password was right, and the user has a second factor that was not shown, or not rightly. Whoever sees this knows the password. */
public final class SecondFactorException extends ControlException {
    private SecondFactorException(String message) {
        super(message);
    }

    /** Nothing was shown. */
    public static SecondFactorException missing() {
        return new SecondFactorException("code: none (expected: six digits of the second factor, or a recovery code)");
    }

    /** What was shown is wrong, or was used before. */
    public static SecondFactorException wrong() {
        return new SecondFactorException(
                "code: not right, or used before (expected: six digits of the second factor, or a recovery code)");
    }
}
