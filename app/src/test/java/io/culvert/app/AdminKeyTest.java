package io.culvert.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.app.process.PrivateFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdminKeyTest {
    @TempDir
    Path parent;

    private Path data;

    @BeforeEach
    void prepare() throws IOException {
        data = parent.resolve("a/data");
        PrivateFiles.prepare(data);
    }

    AdminKeyTest() {
        data = Path.of("unset");
    }

    @Test
    void theFirstStartMakesAKeyForTheServersUserAlone() throws Exception {
        AdminKey key = load();
        assertThat(Base64.getUrlDecoder().decode(key.key())).hasSize(32);
        assertThat(Files.readString(key.path())).isEqualTo(key.key() + "\n");
        assertThat(permissions(key.path())).isEqualTo("rw-------");
        assertThat(permissions(data)).isEqualTo("rwx------");
        assertThat(key.toString()).doesNotContain(key.key());
        try (var files = Files.list(data)) {
            assertThat(files).containsExactly(key.path());
        }
    }

    @Test
    void laterStartsReadIt() throws Exception {
        assertThat(load().key()).isEqualTo(load().key());
        Path other = parent.resolve("other");
        PrivateFiles.prepare(other);
        assertThat(AdminKey.loadOrCreate(other, new SecureRandom()).key()).isNotEqualTo(load().key());
    }

    @Test
    void aKeyThatOthersCouldReadIsClosedToThem() throws Exception {
        String key = load().key();
        Files.setPosixFilePermissions(data.resolve("admin.key"), PosixFilePermissions.fromString("rw-r--r--"));
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwxr-xr-x"));
        PrivateFiles.prepare(data);
        assertThat(load().key()).isEqualTo(key);
        assertThat(permissions(data.resolve("admin.key"))).isEqualTo("rw-------");
        assertThat(permissions(data)).isEqualTo("rwx------");
    }

    /** A volume of a container's may come so, and is nobody else's. */
    @ParameterizedTest
    @ValueSource(ints = {0777, 0707})
    void aDirectoryThatOthersCouldWriteToIsClosedToThem(int mode) throws Exception {
        Files.setAttribute(data, "unix:mode", mode);
        PrivateFiles.prepare(data);
        assertThat(permissions(data)).isEqualTo("rwx------");
    }

    /** To close it would take it from all others: of {@code /tmp} that is the whole machine. */
    @ParameterizedTest
    @ValueSource(ints = {01777, 01755})
    void aDirectoryForEverybodyIsRefusedAndKeepsItsMode(int mode) throws Exception {
        Files.setAttribute(data, "unix:mode", mode);
        String before = permissions(data);
        assertThatThrownBy(() -> PrivateFiles.prepare(data))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(before)
                .hasMessageContaining("expected: a directory of its own");
        assertThat((int) Files.getAttribute(data, "unix:mode") & 07777).isEqualTo(mode);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "short", "1234567890123456789", "two words that are long enough"})
    void aFileThatHoldsNoKeyIsRefusedAndKept(String text) throws Exception {
        Path file = Files.writeString(data.resolve("admin.key"), text);
        assertThatThrownBy(this::load)
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining("expected: ")
                .message()
                .satisfies(message -> assertThat(text.isBlank() || !message.contains(text.strip()))
                        .isTrue());
        assertThat(Files.readString(file)).isEqualTo(text);
    }

    @Test
    void aKeyOfOnesOwnIsTaken() throws Exception {
        Files.writeString(data.resolve("admin.key"), "12345678901234567890\n");
        assertThat(load().key()).isEqualTo("12345678901234567890");
    }

    @Test
    void aFileLeftByACrashIsNoKey() throws Exception {
        Files.writeString(data.resolve("admin.key.new"), "half");
        assertThat(load().key()).hasSize(43);
        assertThat(data.resolve("admin.key.new")).doesNotExist();
    }

    private AdminKey load() throws IOException {
        return AdminKey.loadOrCreate(data, new SecureRandom());
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
