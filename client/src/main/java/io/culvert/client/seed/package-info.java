/** A client of the API that goproxy-tunnel-server had, {@code /api}: for its programs, and for the files of stock goproxy clients. */
@NullMarked
package io.culvert.client.seed;

import org.jspecify.annotations.NullMarked;
