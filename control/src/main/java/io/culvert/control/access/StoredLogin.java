package io.culvert.control.access;

import io.culvert.control.SecretHash;
import java.time.Instant;

/**
 * A login as the store keeps it. Immutable, any thread.
 *
 * @param hash of the cookie's secret
 */
public record StoredLogin(
        String id, SecretHash hash, String user, Instant created, Instant seen, String address, String agent) {}
