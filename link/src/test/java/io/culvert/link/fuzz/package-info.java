/**
 * Targets for coverage-guided fuzzing, one class each: {@code ./dev fuzz} runs them for long, {@code ./dev test} for a while, and the
 * inputs that were worth keeping are tried again with all other tests.
 */
@NullMarked
package io.culvert.link.fuzz;

import org.jspecify.annotations.NullMarked;
