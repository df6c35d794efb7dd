package io.culvert.app;

import io.culvert.app.process.PrivateFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The API key that the first start makes, and each one that finds none, so that nothing is open to the network without a credential. It stands in one file that
 * only the server's user can read; logs name the file, never the key. Immutable, any thread; loading is for one thread, and for
 * whoever holds the data directory's lock.
 */
public final class AdminKey {
    /** The file's name inside the data directory. */
    public static final String FILE = "admin.key";

    /** Shorter keys are refused: a file that was cut off must not become a key that can be guessed. */
    static final int FEWEST_CHARACTERS = 20;

    private static final Logger LOG = LoggerFactory.getLogger(AdminKey.class);
    private static final int RANDOM_BYTES = 32;
    private static final int MOST_BYTES = 1024;

    private final Path path;
    private final String key;

    private AdminKey(Path path, String key) {
        this.path = path;
        this.key = key;
    }

    /**
     * Reads the key from a directory that {@link PrivateFiles} has prepared, or makes it where there is none. Permissions that let others read it are taken away, with a warning.
     *
     * @throws IOException where the file cannot be read or written, or what it holds is no key; it is never overwritten
     */
    public static AdminKey loadOrCreate(Path dataDirectory, SecureRandom random) throws IOException {
        Path path = dataDirectory.resolve(FILE);
        boolean made = !Files.exists(path, LinkOption.NOFOLLOW_LINKS);
        String key = secret(path, random);
        if (made) {
            // Not "first start": whoever has lost the key removes its file.
            LOG.info("a new key for the API is in {}", path.toAbsolutePath().normalize());
        }
        return new AdminKey(path, key);
    }

    /** A secret of one line in a file of its own, made of 32 random bytes in base64url where there is none. */
    static String secret(Path path, SecureRandom random) throws IOException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return load(path);
        }
        byte[] bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        String key = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        PrivateFiles.write(path, key + "\n");
        return key;
    }

    /** The key. Secret. */
    public String key() {
        return key;
    }

    /** Where it stands. */
    public Path path() {
        return path;
    }

    private static String load(Path path) throws IOException {
        byte[] bytes;
        try (var in = Files.newInputStream(path)) {
            bytes = in.readNBytes(MOST_BYTES + 1);
        } catch (NoSuchFileException e) {
            throw new IOException(path + ": a link that leads nowhere (expected: a file with a key)", e);
        }
        String key = new String(bytes, StandardCharsets.US_ASCII).strip();
        if (key.length() < FEWEST_CHARACTERS || bytes.length > MOST_BYTES) {
            throw new IOException(path + ": " + (key.isEmpty() ? "empty" : key.length() + " characters")
                    + " (expected: a key of " + FEWEST_CHARACTERS + " to " + MOST_BYTES
                    + "; remove the file and the next start makes a new one)");
        }
        if (key.chars().anyMatch(c -> c <= ' ' || c >= 127)) {
            throw new IOException(
                    path + ": more than one word (expected: one line of letters, digits and signs of ASCII)");
        }
        PrivateFiles.tighten(path);
        return key;
    }

    @Override
    public String toString() {
        return "AdminKey[path=" + path + ", key=MASKED]";
    }
}
