/** HTTP as both clients speak it: bounded, timed, the key in one place. Not for callers of the clients. */
@NullMarked
package io.culvert.client.http;

import org.jspecify.annotations.NullMarked;
