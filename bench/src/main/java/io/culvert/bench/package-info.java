/** Measurements; nothing depends on this module. */
@NullMarked
package io.culvert.bench;

import org.jspecify.annotations.NullMarked;
