package io.culvert.app;

import io.culvert.app.config.ConfigException;
import io.culvert.app.config.DatabaseConfig;
import java.util.Optional;

/** Finds what a database asks for. No message holds a part of it. Any thread. */
final class DatabasePassword {
    private DatabasePassword() {}

    /**
     * The password as configured; empty where there is none. That of a file is its one line: unlike keys and tokens, people's passwords
     * hold blanks and letters of every kind.
     */
    static Optional<String> of(DatabaseConfig database) throws ConfigException {
        return database.passwordFile().isPresent()
                ? Optional.of(LineFile.read(
                        "db-password-file", database.passwordFile().get()))
                : database.password();
    }
}
