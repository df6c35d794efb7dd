/** Posts events to webhooks: the body, its signature, and which addresses are let through. */
@NullMarked
package io.culvert.web.hook;

import org.jspecify.annotations.NullMarked;
