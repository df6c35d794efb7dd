package io.culvert.web.input;

import io.culvert.control.FieldPath;
import java.util.List;

/** What the seed's calls name the fields of a request. Stateless, any thread. */
public final class SeedNames {
    private SeedNames() {}

    /** The parameter in which a value was said; {@code innet} and {@code expose} are the first of the exposes. */
    public static String of(FieldPath field) {
        List<String> steps = field.steps();
        return switch (steps.get(0)) {
            case "exposes" ->
                steps.size() < 3 || !steps.get(1).equals("0")
                        ? "exposes"
                        : steps.get(2).equals("target") ? "innet" : "expose";
            case "lease" -> "expire";
            default -> steps.get(0);
        };
    }
}
