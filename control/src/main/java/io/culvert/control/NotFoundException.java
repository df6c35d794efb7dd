package io.culvert.control;

/** There is no such user, project, key or login, or the caller may not know of it: the two are told in the same words. */
public final class NotFoundException extends ControlException {
    /** @param field what was looked for: {@code user}, {@code project}, {@code key}, {@code login} */
    public NotFoundException(String field, String value) {
        super(field + ": '" + value + "' (expected: one that is there)");
    }
}
