@NullMarked
package io.culvert.web;

import org.jspecify.annotations.NullMarked;
