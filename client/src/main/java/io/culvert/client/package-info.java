/** A typed client of the REST API. */
@NullMarked
package io.culvert.client;

import org.jspecify.annotations.NullMarked;
