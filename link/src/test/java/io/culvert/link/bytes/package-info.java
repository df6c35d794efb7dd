@NullMarked
package io.culvert.link.bytes;

import org.jspecify.annotations.NullMarked;
