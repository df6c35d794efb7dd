@NullMarked
package io.culvert.control.ledger;

import org.jspecify.annotations.NullMarked;
