package io.culvert.control;

import java.time.Duration;

/**
 * One step of the way from a public port to its target, as it was tried just now. Immutable, any thread.
 *
 * @param step {@code listener}, {@code session} or {@code target}
 * @param outcome {@code ok}, {@code failed}, {@code unknown} or {@code skipped}
 * @param text for instance {@code refused 127.0.0.1:22}
 */
public record ProbeStep(String step, String outcome, String text, Duration took) {}
