package io.culvert.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.app.config.ConfigException;
import io.culvert.app.config.DatabaseConfig;
import io.culvert.app.config.Flags;
import io.culvert.app.config.ServerConfig;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DatabasePasswordTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({"secret,secret", "secret\\n,secret", "secret\\r\\n,secret", "'se cret ','se cret '", "sécrét€,sécrét€"})
    void isTheOneLineOfItsFile(String written, String password) throws Exception {
        String text = written.replace("\\n", "\n").replace("\\r", "\r");
        assertThat(DatabasePassword.of(config(text.getBytes(StandardCharsets.UTF_8))))
                .contains(password);
    }

    @ParameterizedTest
    @CsvSource({"'',empty", "\\n,empty", "top\\nsecret,more than one line", "top\\tsecret,control characters"})
    void anotherFileIsRefusedWithoutAWordOfIt(String written, String why) throws Exception {
        String text = written.replace("\\n", "\n").replace("\\t", "\t");
        DatabaseConfig config = config(text.getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> DatabasePassword.of(config))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("db-password-file " + directory.resolve("pw"))
                .hasMessageContaining(why)
                .hasMessageContaining("(expected: a file with a password on one line)")
                .hasMessageNotContaining("secret");
    }

    @Test
    void bytesThatAreNoTextAndTooManyAreRefused() throws Exception {
        DatabaseConfig binary = config(new byte[] {'a', (byte) 0xff});
        assertThatThrownBy(() -> DatabasePassword.of(binary)).hasMessageContaining("not UTF-8");
        DatabaseConfig large = config(new byte[4097]);
        assertThatThrownBy(() -> DatabasePassword.of(large)).hasMessageContaining("more than 4096 bytes");
        Files.delete(directory.resolve("pw"));
        assertThatThrownBy(() -> DatabasePassword.of(large)).hasMessageContaining("no such file");
    }

    @Test
    void aMissingFileStartsNothing() throws Exception {
        ServerConfig config = ServerConfig.read(
                Flags.of(Map.of(
                        "db", List.of("jdbc:postgresql://127.0.0.1:1/culvert"),
                        "db-password-file", List.of(directory.resolve("none").toString()),
                        "data", List.of(directory.resolve("data").toString()))),
                Map.of());
        assertThatThrownBy(() -> Server.start(config)).isInstanceOf(ConfigException.class);
        assertThat(directory.resolve("data")).doesNotExist();
    }

    @Test
    void aDatabaseThatIsNotThereIsNamed() throws Exception {
        ServerConfig config = ServerConfig.read(
                Flags.of(Map.of(
                        "db", List.of("jdbc:postgresql://127.0.0.1:1/culvert"),
                        "http", List.of("127.0.0.1:0"),
                        "bridge", List.of("127.0.0.1:0"),
                        "data", List.of(directory.resolve("data").toString()))),
                Map.of("CULVERT_DB_PASSWORD", "top-secret"));
        assertThatThrownBy(() -> Server.start(config))
                .isInstanceOf(StartException.class)
                .hasMessage("database jdbc:postgresql://127.0.0.1:1/culvert: nobody answers there");
    }

    private DatabaseConfig config(byte[] content) throws Exception {
        Path file = Files.write(directory.resolve("pw"), content);
        return ServerConfig.read(
                        Flags.of(Map.of(
                                "db", List.of("jdbc:postgresql://db/culvert"),
                                "db-password-file", List.of(file.toString()))),
                        Map.of())
                .database()
                .orElseThrow();
    }
}
