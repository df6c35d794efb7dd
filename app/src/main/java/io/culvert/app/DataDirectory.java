package io.culvert.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The directory of everything that survives a restart: for the server's user alone, since it holds keys. Any thread. */
final class DataDirectory {
    static final Set<PosixFilePermission> PRIVATE_FILE = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> PRIVATE_DIRECTORY = PosixFilePermissions.fromString("rwx------");

    private static final Logger LOG = LoggerFactory.getLogger(DataDirectory.class);

    private DataDirectory() {}

    /** Makes the directory where it is missing, and closes it to other users where it is not. */
    static void prepare(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(directory, attributes(directory, PRIVATE_DIRECTORY));
        }
        tighten(directory, PRIVATE_DIRECTORY);
    }

    /** Takes away every permission that is not among those allowed, with a warning. */
    static void tighten(Path path, Set<PosixFilePermission> allowed) throws IOException {
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
    static FileAttribute<?>[] attributes(Path path, Set<PosixFilePermission> permissions) {
        return isPosix(path)
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(permissions)}
                : new FileAttribute<?>[0];
    }

    private static boolean isPosix(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }
}
