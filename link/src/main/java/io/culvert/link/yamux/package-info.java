/** Yamux as a pure state machine: frames in, frames and events out; no channel, no thread, no clock. */
@NullMarked
package io.culvert.link.yamux;

import org.jspecify.annotations.NullMarked;
