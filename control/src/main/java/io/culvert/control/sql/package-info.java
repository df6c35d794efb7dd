/** The store on SQL. The only package that sees JDBC, Jdbi, Flyway and HikariCP. */
@NullMarked
package io.culvert.control.sql;

import org.jspecify.annotations.NullMarked;
