package io.culvert.control.access;

import io.culvert.control.caller.Quotas;
import java.time.Instant;

/**
 * What tunnels, keys and webhooks belong to. Immutable, any thread.
 *
 * @param name {@code [a-z0-9][a-z0-9-]{0,39}}; never changes
 * @param title for people, at most 200 characters
 */
public record Project(String name, String title, Quotas quotas, Instant created) {
    /** The project that is always there. */
    public static final String DEFAULT = "default";
}
