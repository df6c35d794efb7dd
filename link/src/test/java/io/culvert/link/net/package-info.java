@NullMarked
package io.culvert.link.net;

import org.jspecify.annotations.NullMarked;
