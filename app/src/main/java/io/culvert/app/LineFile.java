package io.culvert.app;

import io.culvert.app.config.ConfigException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/**
 * Reads a secret that is one line of a file. Unlike keys and tokens, passwords of people hold blanks and letters of every kind. No message
 * holds a part of it. Any thread.
 */
final class LineFile {
    private static final int MOST_BYTES = 4096;

    private LineFile() {}

    /** @param setting what names the file, for messages */
    static String read(String setting, Path file) throws ConfigException {
        byte[] bytes;
        try (InputStream source = Files.newInputStream(file)) {
            bytes = source.readNBytes(MOST_BYTES + 1);
        } catch (NoSuchFileException e) {
            throw fault(setting, file, "no such file");
        } catch (IOException e) {
            throw fault(setting, file, "cannot be read");
        }
        if (bytes.length > MOST_BYTES) {
            throw fault(setting, file, "more than " + MOST_BYTES + " bytes");
        }
        String password;
        try {
            password = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString()
                    .replaceFirst("\\R$", "");
        } catch (CharacterCodingException e) {
            throw fault(setting, file, "not UTF-8");
        }
        if (password.isEmpty() || password.chars().anyMatch(Character::isISOControl)) {
            throw fault(setting, file, password.isEmpty() ? "empty" : "more than one line, or control characters");
        }
        return password;
    }

    private static ConfigException fault(String setting, Path file, String what) {
        return new ConfigException(
                List.of(setting + " " + file + ": " + what + " (expected: a file with a password on one line)"));
    }
}
