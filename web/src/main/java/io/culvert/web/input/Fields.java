package io.culvert.web.input;

import java.util.List;
import java.util.Optional;

/**
 * What a query or a body says, in order. Immutable, any thread.
 *
 * @param list every field that could be read, repeated ones included
 * @param fault the first thing that could not be read; kept back so that a credential in the rest can be looked at before anything is
 *     answered
 * @param whole false where reading had to stop at the fault: what follows it, a credential perhaps, is not in the list
 */
public record Fields(List<Field> list, Optional<RuntimeException> fault, boolean whole) {
    /** Nothing was said. */
    public static final Fields NONE = new Fields(List.of(), Optional.empty(), true);

    public Fields {
        list = List.copyOf(list);
    }

    /** Everything was read, but for single fields perhaps. */
    static Fields read(List<Field> list, Optional<RuntimeException> fault) {
        return new Fields(list, fault, true);
    }

    /** Reading stopped at the fault. */
    static Fields broken(List<Field> list, RuntimeException fault) {
        return new Fields(list, Optional.of(fault), false);
    }

    /** The values said under a name, in order. */
    public List<String> all(String name) {
        return list.stream()
                .filter(field -> field.name().equals(name))
                .map(Field::text)
                .toList();
    }
}
