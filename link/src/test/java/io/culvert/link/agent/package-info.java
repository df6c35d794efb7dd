@NullMarked
package io.culvert.link.agent;

import org.jspecify.annotations.NullMarked;
