package io.culvert.link.agent;

import java.util.Optional;

/** What agent and server call themselves to each other. Stateless; any thread. */
public final class ProgramName {
    private ProgramName() {}

    /**
     * Name and version, for instance {@code culvert-agent/0.1.0}.
     *
     * @param name without blanks
     * @return with the version of the jar's manifest; {@code unpackaged} in its place where the classes lie loose
     */
    public static String of(String name) {
        return name + "/"
                + Optional.ofNullable(ProgramName.class.getPackage().getImplementationVersion())
                        .orElse("unpackaged");
    }
}
