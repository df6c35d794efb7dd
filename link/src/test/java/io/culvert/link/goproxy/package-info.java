@NullMarked
package io.culvert.link.goproxy;

import org.jspecify.annotations.NullMarked;
