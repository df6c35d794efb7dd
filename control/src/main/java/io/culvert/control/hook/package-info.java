/** Webhooks: who is told of which events, what is on its way, what could not be delivered. */
@NullMarked
package io.culvert.control.hook;

import org.jspecify.annotations.NullMarked;
