/** What every door of the web server does alike: reads a bounded body, keeps pages of elsewhere out, writes answers and problems. */
@NullMarked
package io.culvert.web.http;

import org.jspecify.annotations.NullMarked;
