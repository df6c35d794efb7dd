/** The data plane's face: what the control plane sees of it. JDK types only; the engine behind it lives in the packages below. */
@NullMarked
package io.culvert.gateway;

import org.jspecify.annotations.NullMarked;
