/** Yamux byte by byte, and two machines back to back in memory. */
@NullMarked
package io.culvert.link.yamux;

import org.jspecify.annotations.NullMarked;
