package io.culvert.gateway;

import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What all tunnels of one project may have together. Immutable, any thread.
 *
 * @param connections open at the same time, TCP connections and UDP flows together; a smaller bound refuses new ones, and cuts none
 * @param bytes how high {@link DataPlane#carried} of the project may rise. At the last byte every connection of the project is cut, and new ones are refused
 *     until it is raised
 */
public record Allowance(OptionalInt connections, OptionalLong bytes) {
    /** Everything. */
    public static final Allowance ALL = new Allowance(OptionalInt.empty(), OptionalLong.empty());
}
