package io.culvert.link.yamux;

/**
 * The peer broke the protocol; the session cannot go on. Carries no stack trace: hostile bytes must cost nothing, and the place that
 * noticed them says less than the message.
 */
public final class YamuxViolation extends RuntimeException {
    YamuxViolation(String message) {
        super(message, null, false, false);
    }
}
