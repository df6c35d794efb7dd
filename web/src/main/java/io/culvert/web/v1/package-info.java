/** {@code /api/v1}: tunnels as a product. What each operation is called and takes stands in {@code openapi.yaml} and nowhere else. */
@NullMarked
package io.culvert.web.v1;

import org.jspecify.annotations.NullMarked;
