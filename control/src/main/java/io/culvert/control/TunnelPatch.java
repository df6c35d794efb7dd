package io.culvert.control;

import java.util.Map;
import java.util.Optional;

/**
 * What to change of a living tunnel; an empty part stays as it is. Ports are moved by {@link TunnelService#movePort}. Immutable, any thread.
 *
 * @param name a blank one takes the name away
 * @param labels all of them, in place of those that are there
 * @param lease acts at once; the last renewal stays where it was, so a shorter time to live may end the tunnel now
 */
public record TunnelPatch(
        Optional<String> name,
        Optional<Map<String, String>> labels,
        Optional<String> comment,
        Optional<LeaseTerms> lease,
        Optional<Policies> policies) {}
