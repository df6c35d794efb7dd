@NullMarked
package io.culvert.client;

import org.jspecify.annotations.NullMarked;
