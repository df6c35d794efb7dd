/** Tests of the store on SQL. */
@NullMarked
package io.culvert.control.sql;

import org.jspecify.annotations.NullMarked;
