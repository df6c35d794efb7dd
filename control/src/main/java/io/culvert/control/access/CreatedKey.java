package io.culvert.control.access;

/**
 * A key that was made.
 *
 * @param secret the whole key, {@code cvk_<id>_<43 characters>}: told only here
 */
public record CreatedKey(ApiKey key, String secret) {
    @Override
    public String toString() {
        return "CreatedKey[" + key.prefix() + ", secret=MASKED]";
    }
}
