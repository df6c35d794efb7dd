/** The relay on real sockets. */
@NullMarked
package io.culvert.link.relay;

import org.jspecify.annotations.NullMarked;
