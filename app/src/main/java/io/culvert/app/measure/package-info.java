/** What {@code culvert bench} measures with: a small service behind a tunnel, and visitors of it. */
@NullMarked
package io.culvert.app.measure;

import org.jspecify.annotations.NullMarked;
