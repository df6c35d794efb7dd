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
        byte[] bytes = bytes(what, path, in);
        String secret = new String(bytes, StandardCharsets.US_ASCII).strip();
        boolean oneWord = !secret.isEmpty() && secret.chars().allMatch(c -> c > ' ' && c < 127);
        if (!oneWord) {
            throw none(path, secret.isEmpty() ? "empty" : "not one word", what + ", one word on one line");
        }
        return secret;
    }

    /** The same of a password of people, which holds blanks and letters of every kind: one line, without its end. */
    public static String line(String what, Path path, InputStream in) throws CommandFailure {
        String secret = new String(bytes(what, path, in), StandardCharsets.UTF_8).replaceFirst("\\R$", "");
        if (secret.isEmpty() || secret.chars().anyMatch(c -> Character.isISOControl(c) || c == '\uFFFD')) {
            throw none(path, secret.isEmpty() ? "empty" : "not one line of text", what + " on one line");
        }
        return secret;
    }

    private static byte[] bytes(String what, Path path, InputStream in) throws CommandFailure {
        byte[] bytes;
        try (InputStream source = isStandardInput(path) ? in : Files.newInputStream(path)) {
            bytes = source.readNBytes(MOST_BYTES + 1);
        } catch (NoSuchFileException e) {
            throw new CommandFailure(
                    ExitCode.USAGE, name(path) + ": no such file (expected: a file with " + what + ")", e);
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitCode.USAGE, name(path) + ": cannot be read (expected: a readable file with " + what + ")", e);
        }
        if (bytes.length > MOST_BYTES) {
            throw none(path, "more than " + MOST_BYTES + " bytes", what + ", one word on one line");
        }
        return bytes;
    }

    private static CommandFailure none(Path path, String found, String expected) {
        return new CommandFailure(ExitCode.USAGE, name(path) + ": " + found + " (expected: " + expected + ")");
    }

    /** What a message calls the source. */
    public static String name(Path path) {
        return isStandardInput(path) ? "standard input" : path.toString();
    }

    private static boolean isStandardInput(Path path) {
        return path.toString().equals("-");
    }
}
