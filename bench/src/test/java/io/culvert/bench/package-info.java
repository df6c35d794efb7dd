/** Shows that the measurements measure. */
@NullMarked
package io.culvert.bench;

import org.jspecify.annotations.NullMarked;
