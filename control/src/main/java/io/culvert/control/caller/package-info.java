/** What a caller may do: pure values, without a store, a thread or a word of how somebody came in. */
@NullMarked
package io.culvert.control.caller;

import org.jspecify.annotations.NullMarked;
