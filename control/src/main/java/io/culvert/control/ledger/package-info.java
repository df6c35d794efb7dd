/** The thread that writes behind what happened and what was carried. */
@NullMarked
package io.culvert.control.ledger;

import org.jspecify.annotations.NullMarked;
