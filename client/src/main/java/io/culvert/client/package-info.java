/** A typed client of the REST API. JDK types at its face; embeddable. */
@NullMarked
package io.culvert.client;

import org.jspecify.annotations.NullMarked;
