/** What happened to tunnels, in order, kept and told: the event log that feeds and webhooks read. */
@NullMarked
package io.culvert.control.event;

import org.jspecify.annotations.NullMarked;
