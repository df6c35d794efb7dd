package io.culvert.control;

/**
 * A caller's name for one request, so that sending it again does not do it again. Immutable, any thread.
 *
 * @param text 1 to 200 visible ASCII characters
 * @param fingerprint of the request's content: the same key with another content is refused
 */
public record IdempotencyKey(String text, String fingerprint) {}
