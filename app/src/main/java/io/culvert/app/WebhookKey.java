package io.culvert.app;

import io.culvert.control.hook.SecretBox;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * The key that seals webhooks' secrets, in a file beside the database: a copy of the database alone gives none away. Stateless; for
 * whoever holds the data directory's lock.
 */
final class WebhookKey {
    /** The file's name inside the data directory. */
    static final String FILE = "webhook.key";

    private WebhookKey() {}

    /**
     * Reads the key, or makes it where there is none.
     *
     * @throws IOException where the file cannot be read or written, or what it holds is no key; it is never overwritten
     */
    static SecretBox loadOrCreate(Path dataDirectory, SecureRandom random) throws IOException {
        Path path = dataDirectory.resolve(FILE);
        String text = AdminKey.secret(path, random);
        try {
            return new SecretBox(Base64.getUrlDecoder().decode(text), random);
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    path
                            + ": no key for webhooks' secrets (expected: the file as the server made it; remove it and give each"
                            + " webhook a new secret)",
                    e);
        }
    }
}
