package io.culvert.web;

import java.net.InetAddress;
import java.net.URI;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Where and how the API and the page are served. Immutable, any thread.
 *
 * @param host a name or an address of this machine to listen on
 * @param port 0 to 65535; 0 takes a free one
 * @param certificate what HTTPS shows; empty where it is plain HTTP
 * @param redirect where plain HTTP is answered with the way to HTTPS; only with a certificate
 * @param publicUrl where browsers reach this server, where that is said
 * @param proxies whether an address is that of a proxy whose word about callers counts
 */
public record WebSettings(
        String host,
        int port,
        WebLimits limits,
        Optional<WebCertificate> certificate,
        Optional<Listen> redirect,
        Optional<URI> publicUrl,
        Predicate<InetAddress> proxies) {
    public WebSettings {
        checkHost(host);
        checkPort(port);
        if (redirect.isPresent() && certificate.isEmpty()) {
            throw new IllegalArgumentException("redirect: without a certificate (expected: HTTPS to lead to)");
        }
    }

    /**
     * A second place to listen on.
     *
     * @param host a name or an address of this machine
     * @param port 0 to 65535; 0 takes a free one
     */
    public record Listen(String host, int port) {
        public Listen {
            checkHost(host);
            checkPort(port);
        }
    }

    /** Plain HTTP with the default limits, and no proxy in front. */
    public static WebSettings on(String host, int port) {
        return new WebSettings(
                host,
                port,
                WebLimits.defaults(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                address -> false);
    }

    /** The same with other limits. */
    public WebSettings with(WebLimits other) {
        return new WebSettings(host, port, other, certificate, redirect, publicUrl, proxies);
    }

    /** The same by HTTPS. */
    public WebSettings with(WebCertificate shown) {
        return new WebSettings(host, port, limits, Optional.of(shown), redirect, publicUrl, proxies);
    }

    /** The same with a plain port that leads to HTTPS. */
    public WebSettings with(Listen plain) {
        return new WebSettings(host, port, limits, certificate, Optional.of(plain), publicUrl, proxies);
    }

    /** The same, reached by this address. */
    public WebSettings reachedBy(URI url) {
        return new WebSettings(host, port, limits, certificate, redirect, Optional.of(url), proxies);
    }

    /** The same behind proxies. */
    public WebSettings behind(Predicate<InetAddress> trusted) {
        return new WebSettings(host, port, limits, certificate, redirect, publicUrl, trusted);
    }

    private static void checkHost(String host) {
        if (host.isBlank()) {
            throw new IllegalArgumentException("host: '" + host + "' (expected: a name or an address)");
        }
    }

    private static void checkPort(int port) {
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("port: " + port + " (expected: 0 to 65535)");
        }
    }
}
