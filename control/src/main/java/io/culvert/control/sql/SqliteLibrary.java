package io.culvert.control.sql;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteJDBCLoader;
import org.sqlite.util.LibraryLoaderUtil;

/**
 * SQLite's native part, brought from the jar to where it can be loaded. The driver would do so by itself, and then compare the two byte by byte, and leave the
 * file in {@code /tmp}. Any thread.
 */
final class SqliteLibrary {
    /** Where the driver looks first. */
    private static final String PATH = "org.sqlite.lib.path";

    private static final Logger LOG = LoggerFactory.getLogger(SqliteLibrary.class);

    private SqliteLibrary() {}

    /** Loads it, once for the process. Where that fails, the driver tries in its own ways, and tells what it tried. */
    static void load() {
        if (!Once.LOADED) {
            LOG.debug("SQLite's driver looks for its native part itself");
        }
    }

    private static final class Once {
        private static final boolean LOADED = loadFromJar();
    }

    private static boolean loadFromJar() {
        String name = LibraryLoaderUtil.getNativeLibName();
        String resource = LibraryLoaderUtil.getNativeLibResourcePath() + "/" + name;
        try (InputStream library = SQLiteJDBCLoader.class.getResourceAsStream(resource)) {
            // Whoever names a directory means it.
            return library != null && System.getProperty(PATH) == null && load(library, name);
        } catch (Exception e) {
            LOG.debug("SQLite's native part could not be loaded", e);
            return false;
        }
    }

    private static boolean load(InputStream library, String name) throws Exception {
        Path directory = Files.createTempDirectory(
                Path.of(System.getProperty("org.sqlite.tmpdir", System.getProperty("java.io.tmpdir"))),
                "culvert-sqlite");
        Path file = directory.resolve(name);
        try {
            Files.copy(library, file);
            System.setProperty(PATH, directory.toString());
            return SQLiteJDBCLoader.initialize();
        } finally {
            System.clearProperty(PATH);
            // What is loaded needs no name any more.
            Files.deleteIfExists(file);
            Files.deleteIfExists(directory);
        }
    }
}
