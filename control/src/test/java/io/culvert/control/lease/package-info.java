@NullMarked
package io.culvert.control.lease;

import org.jspecify.annotations.NullMarked;
