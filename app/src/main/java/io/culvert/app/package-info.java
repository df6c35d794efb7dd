/** The culvert command line. */
@NullMarked
package io.culvert.app;

import org.jspecify.annotations.NullMarked;
