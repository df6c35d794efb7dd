@NullMarked
package io.culvert.control.access;

import org.jspecify.annotations.NullMarked;
