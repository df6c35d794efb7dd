package io.culvert.agent;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where an agent keeps its session credential over its own end: readable by its user alone, and whole or not there at all whatever crashes.
 * Waits for the disk; one thread at a time.
 *
 * <pre>
 *   culvert-credential 1
 *   tunnel 7
 *   held BASE64URL       or "new", while no server is known to have taken it
 *   next BASE64URL       only while a renewal is under way
 * </pre>
 */
final class CredentialFile {
    private static final String FIRST = "culvert-credential 1";
    private static final int MOST_BYTES = 1024;
    private static final FileAttribute<?>[] OWNER_ONLY = {
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
    };

    private final Path path;
    private final long tunnel;

    CredentialFile(Path path, long tunnel) {
        this.path = path;
        this.tunnel = tunnel;
    }

    /**
     * What was kept; empty where there is no such file.
     *
     * @throws IOException where it cannot be read, or is no such file, or another tunnel's; says so in words, and no secret
     */
    Optional<AgentCredential.Kept> read() throws IOException {
        byte[] bytes;
        try (var in = Files.newInputStream(path)) {
            bytes = in.readNBytes(MOST_BYTES + 1);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (AccessDeniedException e) {
            throw inWords("this user may not read it");
        }
        List<String> lines = new String(bytes, StandardCharsets.UTF_8).lines().toList();
        if (bytes.length > MOST_BYTES
                || lines.size() < 3
                || lines.size() > 4
                || !lines.get(0).equals(FIRST)) {
            throw new IOException(path + ": not a credential file (expected: one that an agent wrote, or none)");
        }
        if (!lines.get(1).equals("tunnel " + tunnel)) {
            throw new IOException(path + ": the credential of another tunnel (expected: tunnel " + tunnel + ")");
        }
        boolean held = lines.get(2).startsWith("held ");
        byte[] current = secret(lines.get(2), held ? "held " : "new ");
        return Optional.of(
                new AgentCredential.Kept(current, held, lines.size() == 4 ? secret(lines.get(3), "next ") : null));
    }

    private byte[] secret(String line, String name) throws IOException {
        try {
            byte[] value = Base64.getUrlDecoder().decode(line.substring(name.length()));
            if (line.startsWith(name) && value.length == AgentCredential.BYTES) {
                return value;
            }
        } catch (IllegalArgumentException | StringIndexOutOfBoundsException e) {
            // Said below, without what it was.
        }
        throw new IOException(path + ": damaged (expected: a line '" + name + "' with 32 bytes in base64url)");
    }

    /** In the place of the system's own exception, which has nothing to say but a path. */
    private IOException inWords(String why) {
        return new IOException(path + ": " + why);
    }

    /**
     * Puts this in the place of what was kept. On disk when it returns.
     *
     * @throws IOException where it cannot be written; says so in words
     */
    void write(AgentCredential.Kept kept) throws IOException {
        try {
            replace(kept);
        } catch (NoSuchFileException e) {
            throw inWords("there is no such directory");
        } catch (AccessDeniedException e) {
            throw inWords("this user may not write there");
        }
    }

    private void replace(AgentCredential.Kept kept) throws IOException {
        StringBuilder text =
                new StringBuilder(FIRST).append("\ntunnel ").append(tunnel).append('\n');
        text.append(kept.held() ? "held " : "new ")
                .append(base64(kept.current()))
                .append('\n');
        byte @Nullable [] next = kept.next();
        if (next != null) {
            text.append("next ").append(base64(next)).append('\n');
        }
        Path absolute = path.toAbsolutePath();
        Path fresh = absolute.resolveSibling(absolute.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        boolean posix = absolute.getFileSystem().supportedFileAttributeViews().contains("posix");
        try (FileChannel out = FileChannel.open(
                fresh,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                posix ? OWNER_ONLY : new FileAttribute<?>[0])) {
            ByteBuffer bytes = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.US_ASCII));
            while (bytes.hasRemaining()) {
                int unused = out.write(bytes);
            }
            out.force(true);
        }
        Files.move(fresh, absolute, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        Path directory = absolute.getParent();
        if (posix && directory != null) {
            try (FileChannel entry = FileChannel.open(directory, StandardOpenOption.READ)) {
                entry.force(true);
            }
        }
    }

    private static String base64(byte[] secret) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
    }
}
