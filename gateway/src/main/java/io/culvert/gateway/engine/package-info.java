/** The engine behind the data plane's face: listeners, sessions and visitors on event loops. */
@NullMarked
package io.culvert.gateway.engine;

import org.jspecify.annotations.NullMarked;
