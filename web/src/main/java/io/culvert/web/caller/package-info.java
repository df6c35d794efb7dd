/** Who sends a request: the one place of the web that looks at credentials. */
@NullMarked
package io.culvert.web.caller;

import org.jspecify.annotations.NullMarked;
