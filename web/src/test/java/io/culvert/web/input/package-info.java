@NullMarked
package io.culvert.web.input;

import org.jspecify.annotations.NullMarked;
