/** When leases end: pure book-keeping, without a clock, a thread or a word about tunnels. */
@NullMarked
package io.culvert.control.lease;

import org.jspecify.annotations.NullMarked;
