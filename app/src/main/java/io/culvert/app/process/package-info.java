/** What every command shares: its streams, its exit codes, signals, and the files of secrets. */
@NullMarked
package io.culvert.app.process;

import org.jspecify.annotations.NullMarked;
