@NullMarked
package io.culvert.control.hook;

import org.jspecify.annotations.NullMarked;
