/** Stock goproxy peers, played by doubles written from the protocol's page, against the real gateway. */
@NullMarked
package io.culvert.agent.goproxy;

import org.jspecify.annotations.NullMarked;
