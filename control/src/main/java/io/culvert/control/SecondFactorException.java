package io.culvert.control;

/** The password was right, and the user has a second factor that was not shown. Whoever sees this knows the password. */
public final class SecondFactorException extends ControlException {
    public SecondFactorException() {
        super("code: none (expected: six digits of the second factor, or a recovery code)");
    }
}
