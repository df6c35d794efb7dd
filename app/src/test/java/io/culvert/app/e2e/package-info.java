/** End-to-end tests: the real jar in processes of its own, and real peers around it. */
@NullMarked
package io.culvert.app.e2e;

import org.jspecify.annotations.NullMarked;
