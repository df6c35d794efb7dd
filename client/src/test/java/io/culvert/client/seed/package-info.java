/** Clients against an HTTP server that says what the test wants. */
@NullMarked
package io.culvert.client.seed;

import org.jspecify.annotations.NullMarked;
