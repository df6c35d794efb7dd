package io.culvert.app.process;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads one secret line from a file or from standard input: secrets never stand in argv. Any thread. */
public final class SecretFile {
    private static final int MOST_BYTES = 4096;

    private SecretFile() {}

    /**
     * The secret, without the white space around it. The message of a failure never holds a part of it.
     *
     * @param what what the file should hold, "the join token"
     * @param path the file, or {@code -} for {@code in}
     */
    public static String read(String what, Path path, InputStream in) throws CommandFailure {
        String where = name(path);
        byte[] bytes;
        try (InputStream source = isStandardInput(path) ? in : Files.newInputStream(path)) {
            bytes = source.readNBytes(MOST_BYTES + 1);
        } catch (NoSuchFileException e) {
            throw new CommandFailure(ExitCode.USAGE, where + ": no such file (expected: a file with " + what + ")", e);
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitCode.USAGE, where + ": cannot be read (expected: a readable file with " + what + ")", e);
        }
        String secret = new String(bytes, StandardCharsets.US_ASCII).strip();
        boolean oneWord = !secret.isEmpty() && secret.chars().allMatch(c -> c > ' ' && c < 127);
        if (bytes.length > MOST_BYTES || !oneWord) {
            String found =
                    bytes.length > MOST_BYTES ? "more than 4096 bytes" : secret.isEmpty() ? "empty" : "not one word";
            throw new CommandFailure(
                    ExitCode.USAGE, where + ": " + found + " (expected: " + what + ", one word on one line)");
        }
        return secret;
    }

    /** What a message calls the source. */
    public static String name(Path path) {
        return isStandardInput(path) ? "standard input" : path.toString();
    }

    private static boolean isStandardInput(Path path) {
        return path.toString().equals("-");
    }
}
