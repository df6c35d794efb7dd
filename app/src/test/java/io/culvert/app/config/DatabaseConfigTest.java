package io.culvert.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseConfigTest {
    private static final String URL = "jdbc:postgresql://db.example/culvert";

    @TempDir
    Path directory;

    @Test
    void noDatabaseIsTheUsualCase() throws Exception {
        assertThat(read(Map.of(), Map.of()).database()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                URL,
                "jdbc:postgresql://127.0.0.1:5432/culvert",
                "jdbc:postgresql://[2001:db8::1]:5432/culvert",
                "jdbc:postgresql://db/culvert?user=a%20b&sslmode=verify-full&sslrootcert=/etc/ca.pem&currentSchema=x",
            })
    void takesAUrlAsDriversWriteIt(String url) throws Exception {
        assertThat(read(Map.of("db", url), Map.of()).database())
                .hasValueSatisfying(
                        database -> assertThat(database.url().text()).isEqualTo(url));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "postgresql://db/culvert",
                "jdbc:sqlite:culvert.db",
                "jdbc:postgresql:culvert",
                "jdbc:postgresql://db",
                "jdbc:postgresql://db/",
                "jdbc:postgresql://db:0/culvert",
                "jdbc:postgresql://db:65536/culvert",
                "jdbc:postgresql://one,two/culvert",
                "jdbc:postgresql://127.0.0.300/culvert",
                "jdbc:postgresql://::1/culvert",
                "jdbc:postgresql://db/culvert?",
                "jdbc:postgresql://db/culvert?user",
                "jdbc:postgresql://db/culvert?user=",
                "jdbc:postgresql://db/culvert?user=a&user=b",
                "jdbc:postgresql://db/culvert?sslmode=on",
                "jdbc:postgresql://db/culvert?socketTimeout=0",
                "jdbc:postgresql://db/culvert ",
                "jdbc:postgresql://db/a/b",
            })
    void refusesWhatIsNone(String url) {
        assertThat(faults(Map.of("db", url), Map.of()))
                .singleElement()
                .asString()
                .startsWith("flag --db: '")
                .contains("(expected: jdbc:postgresql://HOST[:PORT]/DATABASE,");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://db/culvert?password=top-secret",
                "jdbc:postgresql://db/culvert?user=a&password=top-secret",
                "jdbc:postgresql://db/culvert?user=a&sslpassword=top-secret",
                "jdbc:postgresql://db/culvert?passwrd=top-secret",
                "jdbc:postgresql://db/culvert?password=p@top-secret",
                "jdbc:postgresql://db/culvert;password=top-secret",
                "jdbc:postgresql://db/culvert password=top-secret",
                "jdbc:postgresql://db/culvert#top-secret",
                "jdbc:postgresql://a:top-secret@db/culvert",
                "jdbc:postgresql://a:p?=&@top-secret@db/culvert",
                "postgres://a:top-secret@db/culvert",
                "a:top-secret@db",
                "host=db password=top-secret",
            })
    void aPasswordInTheUrlIsRefusedAndStandsInNoMessage(String url) throws Exception {
        assertThat(faults(Map.of("db", url), Map.of("CULVERT_DB", url, "CULVERT_CONFIG", file(url))))
                .hasSize(3)
                .allSatisfy(fault -> assertThat(fault)
                        .contains("MASKED' (expected: jdbc:postgresql://")
                        .contains("no password")
                        .doesNotContain("secret"));
    }

    @Test
    void aPasswordIsShownByNoConfiguration() throws Exception {
        ServerConfig config = read(Map.of("db", URL, "db-user", "a role"), Map.of("CULVERT_DB_PASSWORD", "top-secret"));
        assertThat(config.database()).hasValueSatisfying(database -> {
            assertThat(database.password()).contains("top-secret");
            assertThat(database.user()).contains("a role");
            assertThat(database.toString()).contains(URL, "a role", "MASKED").doesNotContain("secret");
        });
        assertThat(config.toString()).contains(URL, "MASKED").doesNotContain("secret");
    }

    @Test
    void everythingThatDoesNotFitIsToldAtOnce() {
        assertThat(faults(
                        Map.of("db-user", "a", "db-password-file", "pw", "http", "x"),
                        Map.of("CULVERT_DB_PASSWORD", "top-secret")))
                .contains(
                        "db-user: without db (expected: a database that it is for)",
                        "db-password-file: without db (expected: a database that it is for)",
                        "environment CULVERT_DB_PASSWORD: without db (expected: a database that it is for)",
                        "db-password-file: with CULVERT_DB_PASSWORD (expected: one of the two)")
                .hasSize(5)
                .noneMatch(fault -> fault.contains("secret"));
        assertThat(faults(Map.of("db", URL + "?user=a", "db-user", "b"), Map.of("CULVERT_DB_PASSWORD", "")))
                .containsExactly(
                        "environment CULVERT_DB_PASSWORD: empty (expected: a password; unset it for none)",
                        "db-user: with a user in db (expected: one of the two)");
    }

    private String file(String url) throws Exception {
        return Files.writeString(directory.resolve("culvert.yaml"), "db: '" + url + "'\n")
                .toString();
    }

    private static ServerConfig read(Map<String, String> flags, Map<String, String> environment)
            throws ConfigException {
        Map<String, List<String>> values = new HashMap<>();
        flags.forEach((name, text) -> values.put(name, List.of(text)));
        return ServerConfig.read(Flags.of(values), environment);
    }

    private static List<String> faults(Map<String, String> flags, Map<String, String> environment) {
        try {
            return List.of("no fault, but " + read(flags, environment));
        } catch (ConfigException e) {
            return e.faults();
        }
    }
}
