package io.culvert.web.input;

import io.culvert.control.InvalidRequestException;

/** How {@code true} and {@code false} are read. Stateless, any thread. */
final class Switch {
    private Switch() {}

    static boolean of(Parameters parameters, String name, boolean otherwise) {
        String text = parameters.value(name).orElse(Boolean.toString(otherwise));
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new InvalidRequestException(name, Quote.of(text), "true or false");
        };
    }
}
