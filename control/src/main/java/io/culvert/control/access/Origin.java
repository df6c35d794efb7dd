package io.culvert.control.access;

import java.net.InetAddress;

/**
 * Where a request comes from.
 *
 * @param address of the one who asks, behind proxies that are trusted
 * @param agent what the browser calls itself; may be anything
 */
public record Origin(InetAddress address, String agent) {}
