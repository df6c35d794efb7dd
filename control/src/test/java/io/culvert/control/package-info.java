/** Tests of what a tunnel is. */
@NullMarked
package io.culvert.control;

import org.jspecify.annotations.NullMarked;
