/** What a tunnel is: its lease, who may do what with it, and the one loop that changes it. This package is what the web sees. */
@NullMarked
package io.culvert.control;

import org.jspecify.annotations.NullMarked;
