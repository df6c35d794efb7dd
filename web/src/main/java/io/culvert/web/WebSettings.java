package io.culvert.web;

/**
 * Where and how the API and the page are served. Immutable, any thread.
 *
 * @param host a name or an address of this machine to listen on
 * @param port 0 to 65535; 0 takes a free one
 */
public record WebSettings(String host, int port, WebLimits limits) {
    public WebSettings {
        if (host.isBlank()) {
            throw new IllegalArgumentException("host: '" + host + "' (expected: a name or an address)");
        }
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("port: " + port + " (expected: 0 to 65535)");
        }
    }

    /** Serves with the default limits. */
    public static WebSettings on(String host, int port) {
        return new WebSettings(host, port, WebLimits.defaults());
    }
}
