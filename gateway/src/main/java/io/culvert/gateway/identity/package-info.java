/** Who the server is to its agents: its own CA, the certificate it shows, and the files that they live in. */
@NullMarked
package io.culvert.gateway.identity;

import org.jspecify.annotations.NullMarked;
