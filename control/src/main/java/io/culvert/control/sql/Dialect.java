package io.culvert.control.sql;

/** What differs between the databases once they are open: so far, where their migrations lie. Immutable, any thread. */
enum Dialect {
    SQLITE,
    POSTGRESQL;

    private static final String MIGRATIONS = "classpath:io/culvert/control/sql/migration";

    /**
     * Where Flyway finds the migrations: those that both databases understand, and those of this one alone. A step that must be told
     * to the two in different words has one number and a file in each of {@code migration_sqlite} and {@code migration_postgresql}.
     */
    String[] migrations() {
        return switch (this) {
            case SQLITE -> new String[] {MIGRATIONS, MIGRATIONS + "_sqlite"};
            case POSTGRESQL -> new String[] {MIGRATIONS, MIGRATIONS + "_postgresql"};
        };
    }
}
