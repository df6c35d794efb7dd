/** {@code ./dev audit}: whether parts of {@code culvert.jar} are known to be broken. */
@NullMarked
package io.culvert.bench.audit;

import org.jspecify.annotations.NullMarked;
