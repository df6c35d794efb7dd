package io.culvert.app.config;

import io.culvert.app.config.Setting.Section;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The database that a server keeps its tunnels in, where it is not the file in the data directory. Immutable, any thread.
 *
 * @param url which one
 * @param user as whom; empty where the URL says so, or nobody does
 * @param passwordFile where the password stands; at most one of the two
 * @param password the password itself; secret
 */
public record DatabaseConfig(
        DatabaseUrl url, Optional<String> user, Optional<Path> passwordFile, Optional<String> password) {
    static final Setting<DatabaseUrl> DB = Setting.of(
            Section.SERVER,
            "db",
            ValueType.DATABASE,
            "PostgreSQL database that keeps the tunnels, in place of a file in --data.");
    static final Setting<String> DB_USER =
            Setting.of(Section.SERVER, "db-user", ValueType.ROLE, "The role to use it as, unless --db names one.");
    static final Setting<Path> DB_PASSWORD_FILE = Setting.of(
            Section.SERVER,
            "db-password-file",
            ValueType.PATH,
            "File with the role's password on one line. Or the password itself: [" + Environment.DB_PASSWORD
                    + "], in the environment alone.");

    /** The settings of this part. */
    static final List<Setting<?>> SETTINGS = List.of(DB, DB_USER, DB_PASSWORD_FILE);

    /** Reads this part; empty where no database is named, or a fault was told. */
    static Optional<DatabaseConfig> read(Reading reading, Map<String, String> environment) {
        Optional<DatabaseUrl> url = reading.find(DB);
        Optional<String> user = reading.find(DB_USER);
        Optional<Path> passwordFile = reading.find(DB_PASSWORD_FILE);
        Optional<String> password = Optional.ofNullable(environment.get(Environment.DB_PASSWORD));
        if (!reading.isSet(DB)) {
            String alone = " without db (expected: a database that it is for)";
            user.ifPresent(text -> reading.fault("db-user:" + alone));
            passwordFile.ifPresent(path -> reading.fault("db-password-file:" + alone));
            password.ifPresent(secret -> reading.fault("environment " + Environment.DB_PASSWORD + ":" + alone));
        }
        if (password.filter(String::isEmpty).isPresent()) {
            reading.fault(
                    "environment " + Environment.DB_PASSWORD + ": empty (expected: a password; unset it for none)");
        }
        if (passwordFile.isPresent() && password.isPresent()) {
            reading.fault("db-password-file: with " + Environment.DB_PASSWORD + " (expected: one of the two)");
        }
        if (user.isPresent() && url.filter(DatabaseUrl::namesUser).isPresent()) {
            reading.fault("db-user: with a user in db (expected: one of the two)");
        }
        return url.map(named -> new DatabaseConfig(named, user, passwordFile, password));
    }

    @Override
    public String toString() {
        return "DatabaseConfig[url=" + url + ", user=" + user.orElse("none") + ", passwordFile="
                + passwordFile.map(Path::toString).orElse("none") + ", password="
                + (password.isPresent() ? "MASKED" : "none") + "]";
    }
}
