package io.culvert.app.process;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Files and directories for one user of the machine alone, since they hold keys. Any thread. */
public final class PrivateFiles {
    private static final Set<PosixFilePermission> PRIVATE_FILE = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> PRIVATE_DIRECTORY = PosixFilePermissions.fromString("rwx------");

    /** {@code S_ISVTX}, inode(7). */
    private static final int STICKY = 01000;

    private static final Logger LOG = LoggerFactory.getLogger(PrivateFiles.class);

    private PrivateFiles() {}

    /**
     * Makes the directory where it is missing, and closes it to other users where it is not.
     *
     * @throws IOException also where it is one for everybody, {@code /tmp} for one: to close that would take it from all who use it. It keeps
     *     its mode then
     */
    public static void prepare(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(directory, attributes(directory, PRIVATE_DIRECTORY));
        }
        if (isSticky(directory)) {
            throw new IOException(
                    "it is sticky (" + PosixFilePermissions.toString(Files.getPosixFilePermissions(directory))
                            + "), so others use it, too (expected: a directory of its own)");
        }
        tighten(directory, PRIVATE_DIRECTORY);
    }

    /** The bit of {@code /tmp}, which no {@link PosixFilePermission} names; false where the system does not tell of it. */
    private static boolean isSticky(Path directory) throws IOException {
        return directory.getFileSystem().supportedFileAttributeViews().contains("unix")
                && ((int) Files.getAttribute(directory, "unix:mode") & STICKY) != 0;
    }

    /** Closes a file with a secret to other users, with a warning. */
    public static void tighten(Path file) throws IOException {
        tighten(file, PRIVATE_FILE);
    }

    /**
     * Writes a file with a secret. Written aside and moved, so that a crash leaves a whole file or the one before; nobody else can read it
     * at any moment.
     */
    public static void write(Path file, String text) throws IOException {
        Path aside = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(aside);
        Set<StandardOpenOption> options = EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try {
            try (FileChannel channel = FileChannel.open(aside, options, attributes(file, PRIVATE_FILE))) {
                ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            // On a full disk it holds a piece of the secret.
            Files.deleteIfExists(aside);
            throw e;
        }
        sync(file.toAbsolutePath().getParent());
    }

    /** The new name as well, so that a crash does not take back what a caller was told is there. */
    private static void sync(@Nullable Path directory) throws IOException {
        // Elsewhere directories cannot be opened.
        if (directory != null && isPosix(directory)) {
            try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                channel.force(true);
            } catch (AccessDeniedException e) {
                // Who may write there but not read: it is on its way to the disk, as all else is.
                return;
            }
        }
    }

    private static void tighten(Path path, Set<PosixFilePermission> allowed) throws IOException {
        if (!isPosix(path)) {
            return;
        }
        Set<PosixFilePermission> found = Files.getPosixFilePermissions(path);
        if (!allowed.containsAll(found)) {
            found.retainAll(allowed);
            Files.setPosixFilePermissions(path, found);
            LOG.warn(
                    "{} was open to other users of this machine; it no longer is",
                    path.toAbsolutePath().normalize());
        }
    }

    /** What a new file or directory shall be born with; nothing where the file system knows no permissions. */
    private static FileAttribute<?>[] attributes(Path path, Set<PosixFilePermission> permissions) {
        return isPosix(path)
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(permissions)}
                : new FileAttribute<?>[0];
    }

    private static boolean isPosix(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }
}
