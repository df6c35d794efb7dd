/** The inner end against a real gateway, on real sockets. */
@NullMarked
package io.culvert.agent;

import org.jspecify.annotations.NullMarked;
