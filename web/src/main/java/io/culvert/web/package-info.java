/** REST API and web page over the control plane. */
@NullMarked
package io.culvert.web;

import org.jspecify.annotations.NullMarked;
