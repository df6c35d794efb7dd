@NullMarked
package io.culvert.control.audit;

import org.jspecify.annotations.NullMarked;
