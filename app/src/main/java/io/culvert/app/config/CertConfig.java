package io.culvert.app.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code culvert cert} shall show, checked and frozen. Immutable, any thread.
 *
 * @param data the server's data directory
 */
public record CertConfig(Path data) {
    /** The one setting of the server that the command takes. */
    public static final List<Setting<?>> SETTINGS = List.of(ServerConfig.DATA);

    /** Reads every source, or tells everything that is wrong. */
    public static CertConfig read(Flags flags, Map<String, String> environment) throws ConfigException {
        Reading reading = new Reading(flags, environment);
        Optional<Path> data = reading.find(ServerConfig.DATA);
        reading.finish();
        return new CertConfig(data.orElseThrow());
    }
}
