package io.culvert.web;

import io.culvert.control.Caller;
import io.culvert.web.http.HostName;
import io.culvert.web.input.Parameters;

/**
 * One request that may be carried out. Immutable, any thread.
 *
 * @param post true where it is a POST
 * @param host how the caller reached this server, as {@link HostName} gives it
 */
record Call(Caller caller, Parameters parameters, boolean post, String host) {}
