/** What tunnels carried, by time: minutes, hours and days of bytes, connections and refusals. */
@NullMarked
package io.culvert.control.usage;

import org.jspecify.annotations.NullMarked;
