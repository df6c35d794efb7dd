/** The engine against real sockets. */
@NullMarked
package io.culvert.gateway.engine;

import org.jspecify.annotations.NullMarked;
