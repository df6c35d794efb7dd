/** The inner end of a tunnel. */
@NullMarked
package io.culvert.agent;

import org.jspecify.annotations.NullMarked;
