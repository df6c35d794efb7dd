/** Who did what, and who tried: a list that only grows, chained so that a gap shows. */
@NullMarked
package io.culvert.control.audit;

import org.jspecify.annotations.NullMarked;
