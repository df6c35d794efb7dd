package io.culvert.app;

import io.culvert.app.config.ConfigException;
import io.culvert.app.config.DatabaseConfig;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Finds what a database asks for. No message holds a part of it. Any thread. */
final class DatabasePassword {
    private static final int MOST_BYTES = 4096;

    private DatabasePassword() {}

    /**
     * The password as configured; empty where there is none. That of a file is its one line: unlike keys and tokens, people's passwords
     * hold blanks and letters of every kind.
     */
    static Optional<String> of(DatabaseConfig database) throws ConfigException {
        return database.passwordFile().isPresent()
                ? Optional.of(read(database.passwordFile().get()))
                : database.password();
    }

    private static String read(Path file) throws ConfigException {
        byte[] bytes;
        try (InputStream source = Files.newInputStream(file)) {
            bytes = source.readNBytes(MOST_BYTES + 1);
        } catch (NoSuchFileException e) {
            throw fault(file, "no such file");
        } catch (IOException e) {
            throw fault(file, "cannot be read");
        }
        if (bytes.length > MOST_BYTES) {
            throw fault(file, "more than " + MOST_BYTES + " bytes");
        }
        String password;
        try {
            password = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString()
                    .replaceFirst("\\R$", "");
        } catch (CharacterCodingException e) {
            throw fault(file, "not UTF-8");
        }
        if (password.isEmpty() || password.chars().anyMatch(Character::isISOControl)) {
            throw fault(file, password.isEmpty() ? "empty" : "more than one line, or control characters");
        }
        return password;
    }

    private static ConfigException fault(Path file, String what) {
        return new ConfigException(List.of(
                "db-password-file " + file + ": " + what + " (expected: a file with the password on one line)"));
    }
}
