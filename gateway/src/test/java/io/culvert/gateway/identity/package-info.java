@NullMarked
package io.culvert.gateway.identity;

import org.jspecify.annotations.NullMarked;
