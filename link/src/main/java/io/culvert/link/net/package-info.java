/** The Netty glue under both ends: transport choice, TLS, socket legs, yamux sessions on a channel. */
@NullMarked
package io.culvert.link.net;

import org.jspecify.annotations.NullMarked;
