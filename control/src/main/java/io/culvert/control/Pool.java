package io.culvert.control;

/**
 * A range of public ports that free ones are picked from. Named in the server's configuration. Immutable, any thread.
 *
 * @param from 1 to 65535; 0 together with {@code to} 0 where the system picks
 * @param used ports held by tunnels
 * @param reserved ports kept for a name and not in use
 * @param quarantined ports that rest after their last holder
 */
public record Pool(String name, int from, int to, int used, int reserved, int quarantined) {}
