/**
 * What goproxy says before and at the start of its yamux streams: preface, stream head, datagrams. Pure codecs, little endian, as
 * recorded from the real programs.
 */
@NullMarked
package io.culvert.link.goproxy;

import org.jspecify.annotations.NullMarked;
