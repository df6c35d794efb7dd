package io.culvert.app.config;

import java.util.List;

/** What a person wrote cannot be carried out: every fault that was found, each naming source, value and expectation. */
public final class ConfigException extends Exception {
    private static final long serialVersionUID = 1L;

    private final List<String> faults;

    /** @param faults at least one line */
    public ConfigException(List<String> faults) {
        super(String.join("; ", faults));
        this.faults = List.copyOf(faults);
    }

    /** One line each, in the order of flags, environment, file. */
    public List<String> faults() {
        return faults;
    }
}
