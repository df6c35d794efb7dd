/** Users, projects, keys and logins: who somebody is, and what that is worth. */
@NullMarked
package io.culvert.control.access;

import org.jspecify.annotations.NullMarked;
