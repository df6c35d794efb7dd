package io.culvert.app.remote;

import io.culvert.app.process.CommandFailure;
import io.culvert.app.process.ExitCode;
import io.culvert.app.process.PrivateFiles;
import io.culvert.app.process.Reasons;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * The files that {@code culvert login} leaves: one for each profile, 0600 in a directory 0700. One that others can read is closed to
 * them, with a warning. One thread.
 */
final class Profiles {
    private static final String SUFFIX = ".yaml";
    private static final int MOST_BYTES = 16_384;

    private final Path directory;

    /** What a profile holds. */
    record Entry(URI server, Optional<String> key, Optional<Path> ca) {
        /** Without the key. */
        @Override
        public String toString() {
            return "Entry[server=" + server + ", key=" + (key.isPresent() ? "MASKED" : "none") + "]";
        }
    }

    private Profiles(Path directory) {
        this.directory = directory;
    }

    /** In {@code culvert/profiles} of XDG_CONFIG_HOME, or of {@code ~/.config}. */
    static Profiles of(Map<String, String> environment) {
        Path config = Optional.ofNullable(environment.get("XDG_CONFIG_HOME"))
                // As the specification wants it: one that is no absolute path is none.
                .filter(text -> text.startsWith("/"))
                .map(Path::of)
                .orElseGet(() -> Path.of(
                        Optional.ofNullable(environment.get("HOME")).orElseGet(() -> System.getProperty("user.home")),
                        ".config"));
        return new Profiles(config.resolve("culvert").resolve("profiles"));
    }

    Path file(String name) {
        return directory.resolve(name + SUFFIX);
    }

    /** The names, in order. */
    List<String> names() throws CommandFailure {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(SUFFIX))
                    .map(name -> name.substring(0, name.length() - SUFFIX.length()))
                    .sorted()
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            throw failure(directory, "cannot be read: " + Reasons.of(e), e);
        }
    }

    /** A profile; empty where there is none of this name. */
    Optional<Entry> find(String name) throws CommandFailure {
        Path file = file(name);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            PrivateFiles.tighten(file);
            byte[] bytes;
            try (var in = Files.newInputStream(file)) {
                bytes = in.readNBytes(MOST_BYTES);
            }
            Object read = new Yaml(new SafeConstructor(new LoaderOptions()))
                    .load(new String(bytes, java.nio.charset.StandardCharsets.UTF_8));
            if (read instanceof Map<?, ?> map && map.get("server") instanceof String server) {
                return Optional.of(new Entry(
                        URI.create(server), text(map, "key"), text(map, "ca").map(Path::of)));
            }
            throw failure(file, "no profile (expected: what 'culvert login' writes)", null);
        } catch (IOException e) {
            throw failure(file, "cannot be read: " + Reasons.of(e), e);
        } catch (YAMLException | IllegalArgumentException e) {
            // Its message could show the key.
            throw failure(file, "no profile (expected: what 'culvert login' writes)", null);
        }
    }

    private static Optional<String> text(Map<?, ?> map, String name) {
        return map.get(name) instanceof String text ? Optional.of(text) : Optional.empty();
    }

    /** Stores a profile, in place of one of the same name. */
    Path store(String name, Entry entry) throws CommandFailure {
        Map<String, String> map = new LinkedHashMap<>();
        map.put("server", entry.server().toString());
        entry.key().ifPresent(key -> map.put("key", key));
        entry.ca().ifPresent(ca -> map.put("ca", ca.toAbsolutePath().normalize().toString()));
        DumperOptions options = new DumperOptions();
        options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
        Path file = file(name);
        try {
            PrivateFiles.prepare(directory);
            PrivateFiles.write(file, new Yaml(options).dump(map));
            return file;
        } catch (IOException e) {
            throw failure(file, "cannot be written: " + Reasons.of(e), e);
        }
    }

    /** Takes a profile away; false where there was none. */
    boolean remove(String name) throws CommandFailure {
        try {
            return Files.deleteIfExists(file(name));
        } catch (IOException e) {
            throw failure(file(name), "cannot be removed: " + Reasons.of(e), e);
        }
    }

    private static CommandFailure failure(Path file, String what, @org.jspecify.annotations.Nullable Throwable cause) {
        return cause == null
                ? new CommandFailure(ExitCode.FAILURE, file + ": " + what)
                : new CommandFailure(ExitCode.FAILURE, file + ": " + what, cause);
    }
}
