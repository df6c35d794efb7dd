package io.culvert.control.caller;

/** What becomes of a caller's wish. */
public enum Verdict {
    /** It may be done. */
    ALLOWED,
    /** The caller may know of the thing, and may not do this to it: 403. */
    REFUSED,
    /** The caller may not even know whether there is such a thing: the answer is that of a thing that does not exist, 404. */
    HIDDEN
}
