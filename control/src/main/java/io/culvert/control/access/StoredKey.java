package io.culvert.control.access;

import io.culvert.control.SecretHash;

/**
 * A key as the store keeps it. Immutable, any thread.
 *
 * @param hash of the whole key
 */
public record StoredKey(ApiKey key, SecretHash hash) {}
