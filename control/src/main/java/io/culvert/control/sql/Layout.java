package io.culvert.control.sql;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.Predicate;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.CoreErrorCode;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.MigrationVersion;

/** The tables of this version. No state, any thread. */
final class Layout {
    private Layout() {}

    /**
     * Brings a database, which may be empty, to the layout of this version.
     *
     * @throws LayoutException where it cannot be, as when a newer version has written it; nothing in it was changed then, or one
     *     migration has failed and was taken back
     */
    static void bringForward(DataSource source, Dialect dialect) throws LayoutException {
        try {
            Flyway flyway = Flyway.configure(Layout.class.getClassLoader())
                    .dataSource(source)
                    .locations(dialect.migrations())
                    // Migrations that this version does not know are those of a newer one.
                    .ignoreMigrationPatterns(new String[0])
                    .load();
            refuseNewer(flyway.info());
            flyway.migrate();
        } catch (FlywayException e) {
            throw new LayoutException(
                    e.getErrorCode() == CoreErrorCode.NON_EMPTY_SCHEMA_WITHOUT_SCHEMA_HISTORY_TABLE
                            ? "holds tables of something else (expected: an empty schema, or Culvert's own)"
                            : "cannot be brought to this version's layout (" + e.getMessage() + ")",
                    e);
        }
    }

    private static void refuseNewer(MigrationInfoService info) throws LayoutException {
        Optional<MigrationVersion> unknown = highest(
                info, step -> step.getState().isApplied() && !step.getState().isResolved());
        if (unknown.isPresent()) {
            String known = highest(info, step -> step.getState().isResolved())
                    .map(MigrationVersion::getVersion)
                    .orElse("0");
            throw new LayoutException("was written by a newer version of Culvert: it has layout "
                    + unknown.get().getVersion() + " (expected: at most " + known + ")");
        }
    }

    private static Optional<MigrationVersion> highest(MigrationInfoService info, Predicate<MigrationInfo> wanted) {
        return Arrays.stream(info.all())
                .filter(wanted)
                .flatMap(step -> Optional.ofNullable(step.getVersion()).stream())
                .max(Comparator.naturalOrder());
    }
}
