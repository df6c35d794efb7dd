@NullMarked
package io.culvert.control.event;

import org.jspecify.annotations.NullMarked;
