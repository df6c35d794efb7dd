/** Two legs joined: back-pressure, half-close, resets and byte counts; knows neither sockets nor yamux. */
@NullMarked
package io.culvert.link.relay;

import org.jspecify.annotations.NullMarked;
