package io.culvert.web.input;

import io.culvert.control.InvalidRequestException;
import java.util.List;

/**
 * What is asked of {@code /api/bundle}. Immutable, any thread.
 *
 * @param zip true for the files, false for JSON
 * @param reissue true for other files than those that are out
 */
public record BundleForm(long id, boolean zip, boolean reissue) {
    /** What a GET understands. */
    public static final List<String> PARAMETERS = List.of("id", "format", "key");

    /** What a POST understands. */
    public static final List<String> CHANGING_PARAMETERS = List.of("id", "reissue", "format", "key");

    /**
     * Reads a GET, which ends nobody's bundle.
     *
     * @throws InvalidRequestException naming the parameter, its value and what was expected
     */
    public static BundleForm read(Parameters parameters) {
        return new BundleForm(parameters.id(), zip(parameters), false);
    }

    /**
     * Reads a POST, which must say that it means it.
     *
     * @throws InvalidRequestException naming the parameter, its value and what was expected
     */
    public static BundleForm changing(Parameters parameters) {
        long id = parameters.id();
        String reissue = parameters.value("reissue").orElse("");
        if (!reissue.equals("true")) {
            throw new InvalidRequestException(
                    "reissue", Quote.of(reissue), "true: the files that are out end with it; a GET shows them");
        }
        return new BundleForm(id, zip(parameters), true);
    }

    private static boolean zip(Parameters parameters) {
        String format = parameters.value("format").orElse("json");
        return switch (format) {
            case "json" -> false;
            case "zip" -> true;
            default -> throw new InvalidRequestException("format", Quote.of(format), "json or zip");
        };
    }
}
