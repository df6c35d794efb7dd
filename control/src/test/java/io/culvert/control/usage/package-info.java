@NullMarked
package io.culvert.control.usage;

import org.jspecify.annotations.NullMarked;
