package io.culvert.link.bytes;

/**
 * The peer sent bytes that the protocol does not allow. Carries a short message and neither stack trace nor suppressed exceptions:
 * whoever sends rubbish all day must not make us walk our own stack all day. Immutable, any thread.
 */
public class MalformedException extends RuntimeException {
    /**
     * Says what is wrong.
     *
     * @param message names the field, the value where it is a number, and what was expected; never holds bytes of the peer
     */
    public MalformedException(String message) {
        super(message, null, false, false);
    }
}
