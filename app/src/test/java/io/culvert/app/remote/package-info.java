@NullMarked
package io.culvert.app.remote;

import org.jspecify.annotations.NullMarked;
