/** Configuration: every setting declared once, read from flags, environment, one file and defaults, all faults in one report. */
@NullMarked
package io.culvert.app.config;

import org.jspecify.annotations.NullMarked;
