package io.culvert.control;

/** No webhook has this number, or no dead letter this name. */
public final class NoSuchWebhookException extends ControlException {
    /** @param field what was looked for: {@code webhook} or {@code delivery} */
    public NoSuchWebhookException(String field, String value) {
        super(field + ": '" + value + "' (expected: one that is there)");
    }
}
