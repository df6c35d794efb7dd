package io.culvert.control.access;

/**
 * A login that was shown just now: the right to change what is the user's own, which no key has. Only {@link Authenticator} makes one.
 *
 * @param csrf what every change of this login must carry besides its cookie
 * @param mustChangePassword true where it may do nothing but that: the caller's grants are empty then
 */
public record Visit(Login login, String csrf, boolean mustChangePassword, boolean secondFactor) {
    @Override
    public String toString() {
        return "Visit[" + login + ", csrf=MASKED]";
    }
}
