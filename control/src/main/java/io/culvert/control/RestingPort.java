package io.culvert.control;

import java.time.Instant;
import java.util.Optional;

/**
 * A public port in quarantine: strangers do not get it until its time is over. Immutable, any thread.
 *
 * @param until by the wall clock
 * @param tunnel its last holder
 * @param project that tunnel's project, where a tunnel of the same name may have it back
 * @param owner that tunnel's owner, who may have it back
 * @param name that tunnel's name, where it had one
 */
public record RestingPort(
        Protocol protocol, int port, Instant until, long tunnel, String project, String owner, Optional<String> name) {}
