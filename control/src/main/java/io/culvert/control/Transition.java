package io.culvert.control;

import java.time.Instant;

/**
 * A tunnel came into a state. Immutable, any thread.
 *
 * @param reason one line in plain words, for people
 * @param since by the wall clock
 */
public record Transition(TunnelState state, String reason, Instant since) {}
