/** The house as a whole. */
@NullMarked
package io.culvert.app;

import org.jspecify.annotations.NullMarked;
