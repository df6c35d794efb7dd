/** The contract of {@code /api/v1}: read from its YAML, and held against what callers say. Knows no tunnels. */
@NullMarked
package io.culvert.web.contract;

import org.jspecify.annotations.NullMarked;
