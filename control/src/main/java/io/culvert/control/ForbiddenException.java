package io.culvert.control;

/** The caller may know of the thing, and may not do this to it. What a caller may not know of is a {@link NotFoundException}. */
public final class ForbiddenException extends ControlException {
    /** @param message names what was asked and what it would take */
    public ForbiddenException(String message) {
        super(message);
    }
}
