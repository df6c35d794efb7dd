/** What a request says, read strictly and without a server: bytes in, {@link io.culvert.control.CreateTunnel} out, or words on what is wrong. */
@NullMarked
package io.culvert.web.input;

import org.jspecify.annotations.NullMarked;
