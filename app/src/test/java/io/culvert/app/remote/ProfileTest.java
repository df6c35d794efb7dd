package io.culvert.app.remote;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.app.config.ClientConfig;
import io.culvert.app.process.Console;
import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which key goes to which server, where a profile {@code default} leads elsewhere. */
class ProfileTest {
    private static final URI FAR = URI.create("https://far.example");
    private static final URI NAMED = URI.create("https://named.example");

    @TempDir
    Path directory;

    private Path keyFile;

    @BeforeEach
    void store() throws Exception {
        Path profiles = Files.createDirectories(directory.resolve("culvert/profiles"));
        Files.writeString(profiles.resolve("default.yaml"), "server: " + FAR + "\nkey: far-key\n");
        keyFile = Files.createFile(
                directory.resolve("key"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(keyFile, "own-key\n");
    }

    @Test
    void withoutAWordItIsTheDefaultProfile() throws Exception {
        assertThat(profile(Optional.empty(), Optional.empty(), Optional.empty()))
                .isEqualTo(new Profile(FAR, Optional.of("far-key"), Optional.empty()));
    }

    @Test
    void aKeyThatIsNamedWithoutAServerIsThisMachines() throws Exception {
        assertThat(profile(Optional.empty(), Optional.of(keyFile), Optional.empty()))
                .isEqualTo(new Profile(URI.create("http://127.0.0.1:8000"), Optional.of("own-key"), Optional.empty()));
    }

    @Test
    void aKeyThatIsNamedWithAProfileGoesToItsServer() throws Exception {
        assertThat(profile(Optional.empty(), Optional.of(keyFile), Optional.of("default")))
                .isEqualTo(new Profile(FAR, Optional.of("own-key"), Optional.empty()));
    }

    @Test
    void aServerThatIsNamedGetsNoKeyOfAProfile() throws Exception {
        assertThat(profile(Optional.of(NAMED), Optional.empty(), Optional.empty()))
                .isEqualTo(new Profile(NAMED, Optional.empty(), Optional.empty()));
        assertThat(profile(Optional.of(NAMED), Optional.of(keyFile), Optional.empty()))
                .isEqualTo(new Profile(NAMED, Optional.of("own-key"), Optional.empty()));
    }

    private Profile profile(Optional<URI> server, Optional<Path> key, Optional<String> name) throws Exception {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        Console console = new Console(
                nowhere,
                nowhere,
                new ByteArrayInputStream(new byte[0]),
                Map.of("XDG_CONFIG_HOME", directory.toString()));
        return Profile.of(new ClientConfig(server, key, name, Optional.empty()), console);
    }
}
