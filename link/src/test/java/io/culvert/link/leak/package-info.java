/** The gate that every module's tests pass through: a leaked buffer fails the run. Reaches the modules as link's test-jar. */
@NullMarked
package io.culvert.link.leak;

import org.jspecify.annotations.NullMarked;
