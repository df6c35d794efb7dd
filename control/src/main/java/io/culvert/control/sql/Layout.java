package io.culvert.control.sql;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.CoreErrorCode;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.configuration.FluentConfiguration;

/** The tables of this version. No state, any thread. */
final class Layout {
    /** Where Flyway keeps which steps a database has taken. */
    static final String HISTORY = "flyway_schema_history";

    private Layout() {}

    /**
     * Brings a database, which may be empty, to the layout of this version. Flyway is asked only where there is something to do: nothing
     * else in a server's start took as long as finding out that there is not.
     *
     * @throws LayoutException where it cannot be, as when a newer version has written it; nothing in it was changed then, or what was has been
     *     taken back
     */
    static void bringForward(DataSource source, Dialect dialect) throws LayoutException {
        List<String> known =
                dialect.migrations().stream().map(Migrations::version).toList();
        try {
            List<String> taken = taken(source);
            refuseNewer(taken, known);
            if (!taken.equals(known)) {
                configure(source, dialect).load().migrate();
            }
        } catch (SQLException | FlywayException e) {
            throw new LayoutException(
                    e instanceof FlywayException refused
                                    && refused.getErrorCode()
                                            == CoreErrorCode.NON_EMPTY_SCHEMA_WITHOUT_SCHEMA_HISTORY_TABLE
                            ? "holds tables of something else (expected: an empty schema, or Culvert's own)"
                            : "cannot be brought to this version's layout (" + e.getMessage() + ")",
                    e);
        }
    }

    /** Flyway for this database, its scripts named and nothing looked for. */
    static FluentConfiguration configure(DataSource source, Dialect dialect) {
        return Flyway.configure(Layout.class.getClassLoader())
                .dataSource(source)
                .resourceProvider(new Migrations(dialect.migrations()))
                .javaMigrationClassProvider(List::of)
                .skipDefaultCallbacks(true)
                .placeholderReplacement(false)
                // One transaction for all that is missing: one wait for the
                // disk, and a database is as it was or as it should be.
                .group(true)
                // Migrations that this version does not know are those of a newer one.
                .ignoreMigrationPatterns(new String[0]);
    }

    /** Versions of the steps that a database has taken and that have succeeded, in their order; none of an empty one. */
    private static List<String> taken(DataSource source) throws SQLException {
        List<String> versions = new ArrayList<>();
        try (Connection connection = source.getConnection()) {
            if (!hasHistory(connection)) {
                return versions;
            }
            try (Statement statement = connection.createStatement();
                    ResultSet steps = statement.executeQuery("SELECT version, success FROM " + HISTORY
                            + " WHERE version IS NOT NULL ORDER BY installed_rank")) {
                while (steps.next()) {
                    if (steps.getBoolean("success")) {
                        versions.add(steps.getString("version"));
                    }
                }
            }
        }
        return versions;
    }

    private static boolean hasHistory(Connection connection) throws SQLException {
        String schema = connection.getSchema();
        // What is asked for are patterns, in which "_" is any character.
        try (ResultSet tables = connection.getMetaData().getTables(null, schema, HISTORY, null)) {
            while (tables.next()) {
                if (HISTORY.equals(tables.getString("TABLE_NAME"))
                        && Objects.equals(schema, tables.getString("TABLE_SCHEM"))) {
                    return true;
                }
            }
        }
        return false;
    }

    private static void refuseNewer(List<String> taken, List<String> known) throws LayoutException {
        Optional<MigrationVersion> newest = taken.stream()
                .filter(version -> !known.contains(version))
                .map(MigrationVersion::fromVersion)
                .max(MigrationVersion::compareTo);
        if (newest.isPresent()) {
            throw new LayoutException("was written by a newer version of Culvert: it has layout "
                    + newest.get().getVersion() + " (expected: at most " + known.get(known.size() - 1) + ")");
        }
    }
}
