/** The commands that ask a server by its API, wherever it is: {@code culvert tunnel}, {@code port}, {@code login}. */
@NullMarked
package io.culvert.app.remote;

import org.jspecify.annotations.NullMarked;
