package io.culvert.control;

import io.culvert.control.caller.Quotas;
import java.util.Optional;

/** The projects of this server, as they are when they are asked for. Any thread; never waits. */
@FunctionalInterface
public interface Projects {
    /** The one that is always there, and has all that is of before projects were. */
    String DEFAULT = "default";

    /** What a project may have; empty where there is no such project. */
    Optional<Quotas> quotas(String project);

    /** No project but the default one, without bounds. */
    static Projects onlyDefault() {
        return project -> project.equals(DEFAULT) ? Optional.of(Quotas.NONE) : Optional.empty();
    }
}
