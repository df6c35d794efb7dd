/** The messages between Culvert's own agent and the server; docs/protocol.md describes them on one page. */
@NullMarked
package io.culvert.link.agent;

import org.jspecify.annotations.NullMarked;
