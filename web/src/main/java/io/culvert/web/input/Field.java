package io.culvert.web.input;

/**
 * One parameter as the request says it. Immutable, any thread.
 *
 * @param text the value; of a JSON number its digits as they were written
 * @param number true where it was a JSON number
 */
public record Field(String name, String text, boolean number) {
    /** The name only: the value may be a key. */
    @Override
    public String toString() {
        return "Field[" + Quote.of(name) + "]";
    }
}
