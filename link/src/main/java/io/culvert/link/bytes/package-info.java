/** Field codecs with a bound on everything: what every protocol of the house is written with. JDK and Netty buffers only. */
@NullMarked
package io.culvert.link.bytes;

import org.jspecify.annotations.NullMarked;
