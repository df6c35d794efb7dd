@NullMarked
package io.culvert.web.hook;

import org.jspecify.annotations.NullMarked;
