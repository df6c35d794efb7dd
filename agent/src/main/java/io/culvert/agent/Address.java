package io.culvert.agent;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * {@code host:port}, with IPv6 addresses in brackets. Immutable, any thread.
 *
 * @param host a name or an address without brackets, in lower case
 * @param port 1 to 65535
 */
public record Address(String host, int port) {
    /** Made once: one is read for each visitor. */
    private static final Pattern PORT = Pattern.compile("[0-9]{1,5}");

    public Address {
        host = host.toLowerCase(Locale.ROOT);
        if (host.isBlank() || host.length() > 253) {
            throw new IllegalArgumentException("host: '" + host + "' (expected: 1 to 253 characters)");
        }
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("port: " + port + " (expected: 1 to 65535)");
        }
    }

    /**
     * Reads {@code host:port}.
     *
     * @throws IllegalArgumentException naming the text and what was expected
     */
    public static Address parse(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.indexOf(':') >= 0) {
            throw new IllegalArgumentException("'" + text + "' (expected: HOST:PORT, an IPv6 address in brackets)");
        }
        String port = text.substring(colon + 1);
        if (host.isBlank() || !PORT.matcher(port).matches()) {
            throw new IllegalArgumentException("'" + text + "' (expected: HOST:PORT)");
        }
        return new Address(host, Integer.parseInt(port));
    }

    @Override
    public String toString() {
        return host.indexOf(':') < 0 ? host + ":" + port : "[" + host + "]:" + port;
    }
}
