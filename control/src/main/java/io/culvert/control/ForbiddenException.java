package io.culvert.control;

import io.culvert.control.caller.Permission;

/** The caller may know of the thing, and may not do this to it. */
public final class ForbiddenException extends ControlException {
    /** @param what it would be done to, in words that the caller may know: {@code tunnel 7} */
    public ForbiddenException(Permission permission, String what) {
        super(permission.word() + ": not granted for " + what);
    }
}
