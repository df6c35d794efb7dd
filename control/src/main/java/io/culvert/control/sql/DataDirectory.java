package io.culvert.control.sql;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A directory that one server has for itself: locked against a second one, its files for its owner only. One thread opens and closes.
 *
 * <p>A directory that is made here is 0700. One that exists keeps its mode: what others may do there is for whoever names it to decide. The
 * files in it are 0600 either way.
 */
final class DataDirectory implements AutoCloseable {
    private static final String LOCK = "culvert.lock";

    private final Path path;
    private final FileChannel lockFile;

    private DataDirectory(Path path, FileChannel lockFile) {
        this.path = path;
        this.lockFile = lockFile;
    }

    /**
     * Makes the directory where it is missing, and locks it until {@link #close} or the end of the process.
     *
     * @throws DataDirectoryException where it cannot be used, or another server uses it
     */
    static DataDirectory open(Path path) {
        Path absolute = path.toAbsolutePath();
        try {
            if (!Files.isDirectory(absolute)) {
                Files.createDirectories(absolute, mode(absolute, "rwx------"));
            }
        } catch (IOException e) {
            throw new DataDirectoryException(absolute + " cannot be made (" + reason(e) + ")", e);
        }
        FileChannel channel = null;
        try {
            Path file = privateFile(absolute.resolve(LOCK));
            channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
            if (tryLock(channel) == null) {
                String holder = readHolder(channel);
                channel.close();
                throw new DataDirectoryException(absolute + " is in use by another server" + holder
                        + " (expected: a data directory for each server)");
            }
            channel.truncate(0);
            channel.write(ByteBuffer.wrap(
                    String.valueOf(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)));
            return new DataDirectory(absolute, channel);
        } catch (IOException e) {
            DataDirectoryException failure =
                    new DataDirectoryException(absolute + " cannot be used (" + reason(e) + ")", e);
            closeQuietly(channel, failure);
            throw failure;
        }
    }

    /**
     * The path of a database in here; only its owner may read it from now on. Where nothing of it is there it is made with this content, whole or not at all.
     * Where it has left a log behind it is made empty: SQLite throws a log away beside an empty file, and would put it into any other.
     */
    Path database(String name, Supplier<byte[]> content) {
        Path file = path.resolve(name);
        try {
            // A link that leads nowhere for a moment is something, too.
            boolean nothing = Stream.of("", "-wal", "-journal")
                    .allMatch(end -> Files.notExists(path.resolve(name + end), LinkOption.NOFOLLOW_LINKS));
            if (!nothing) {
                return privateFile(file);
            }
            byte[] bytes = content.get();
            Path begun = path.resolve(name + ".begun");
            Files.deleteIfExists(begun);
            Files.createFile(begun, mode(begun, "rw-------"));
            Files.write(begun, bytes, StandardOpenOption.WRITE, StandardOpenOption.DSYNC);
            return Files.move(begun, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new DataDirectoryException(file + " cannot be used (" + reason(e) + ")", e);
        }
    }

    /** Unlocks the directory; a second call does nothing. */
    @Override
    public void close() {
        try {
            lockFile.close();
        } catch (IOException e) {
            throw new DataDirectoryException(path + " could not be unlocked (" + reason(e) + ")", e);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            // This very process holds it, by another store.
            return null;
        }
    }

    private static String readHolder(FileChannel channel) throws IOException {
        ByteBuffer text = ByteBuffer.allocate(20);
        channel.read(text, 0);
        String pid = new String(text.array(), 0, text.position(), StandardCharsets.US_ASCII);
        return pid.matches("[0-9]+") ? " (process " + pid + ")" : "";
    }

    private static Path privateFile(Path file) throws IOException {
        try {
            return Files.createFile(file, mode(file, "rw-------"));
        } catch (FileAlreadyExistsException e) {
            PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
            if (view != null) {
                view.setPermissions(PosixFilePermissions.fromString("rw-------"));
            }
            return file;
        }
    }

    private static FileAttribute<?>[] mode(Path path, String permissions) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }

    private static void closeQuietly(@Nullable FileChannel channel, Exception reason) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            reason.addSuppressed(e);
        }
    }

    private static String reason(IOException e) {
        return e.getClass().getSimpleName() + ": " + e.getMessage();
    }
}
