package io.culvert.app.config;

import io.culvert.app.config.Setting.Section;
import io.culvert.gateway.Cidr;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * How API and page are reached: by HTTPS or not, and through which proxies. Immutable, any thread.
 *
 * @param self true where the server's own CA signs the certificate
 * @param cert the certificate's file; there exactly where {@code key} is, and never with {@code self}
 * @param key its key
 * @param names what the own certificate is for; empty for what can be found out
 * @param redirect where plain HTTP is answered with the way to HTTPS
 * @param publicUrl where browsers reach the server
 * @param proxies whose word about callers' addresses counts
 */
public record HttpsConfig(
        boolean self,
        Optional<Path> cert,
        Optional<Path> key,
        List<String> names,
        Optional<Address> redirect,
        Optional<URI> publicUrl,
        List<Cidr> proxies) {
    static final Setting<Boolean> TLS = Setting.of(
            Section.SERVER,
            "tls",
            ValueType.TLS,
            "off",
            "'self': API and page by HTTPS, with a certificate of the server's own CA, which 'culvert cert' prints.");
    static final Setting<Path> TLS_CERT = Setting.of(
            Section.SERVER,
            "tls-cert",
            ValueType.PATH,
            "API and page by HTTPS, with this certificate, its chain behind it (PEM). Read again when the file changes.");
    static final Setting<Path> TLS_KEY =
            Setting.of(Section.SERVER, "tls-key", ValueType.PATH, "The key of --tls-cert (PEM, not encrypted).");
    static final Setting<String> TLS_NAME = Setting.many(
            Section.SERVER,
            "tls-name",
            ValueType.HOST,
            "A name or address that the certificate of --tls self is for; several times for several. Without it, those of this machine.");
    static final Setting<Address> HTTP_REDIRECT = Setting.of(
            Section.SERVER,
            "http-redirect",
            ValueType.LISTEN,
            "A second port, of plain HTTP, that leads browsers to HTTPS, as 0.0.0.0:80.");
    static final Setting<URI> PUBLIC_URL = Setting.of(
            Section.SERVER,
            "public-url",
            ValueType.URL,
            "Where browsers reach this server, where that is not --http: behind a proxy, or by a mapped port.");
    static final Setting<Cidr> TRUSTED_PROXY = Setting.many(
            Section.SERVER,
            "trusted-proxy",
            ValueType.BLOCK,
            "A proxy in front whose X-Forwarded-For or Forwarded tells who calls; several times for several.");

    /** The settings of this part. */
    static final List<Setting<?>> SETTINGS =
            List.of(TLS, TLS_CERT, TLS_KEY, TLS_NAME, HTTP_REDIRECT, PUBLIC_URL, TRUSTED_PROXY);

    public HttpsConfig {
        names = List.copyOf(names);
        proxies = List.copyOf(proxies);
    }

    /** Plain HTTP, and no proxy. */
    public static HttpsConfig none() {
        return new HttpsConfig(
                false, Optional.empty(), Optional.empty(), List.of(), Optional.empty(), Optional.empty(), List.of());
    }

    /** HTTPS with a certificate of the server's own CA. */
    public static HttpsConfig own(String... names) {
        return new HttpsConfig(
                true,
                Optional.empty(),
                Optional.empty(),
                List.of(names),
                Optional.empty(),
                Optional.empty(),
                List.of());
    }

    /** Whether it is HTTPS that is served. */
    public boolean on() {
        return self || cert.isPresent();
    }

    /** Reads this part. */
    static HttpsConfig read(Reading reading) {
        boolean self = reading.find(TLS).orElse(false);
        Optional<Path> cert = reading.find(TLS_CERT);
        Optional<Path> key = reading.find(TLS_KEY);
        List<String> names = reading.findAll(TLS_NAME);
        Optional<Address> redirect = reading.find(HTTP_REDIRECT);
        Optional<URI> publicUrl = reading.find(PUBLIC_URL);
        List<Cidr> proxies = reading.findAll(TRUSTED_PROXY);
        if (reading.isSet(TLS_CERT) != reading.isSet(TLS_KEY)) {
            reading.fault(
                    reading.isSet(TLS_CERT)
                            ? "tls-cert: without tls-key (expected: both or neither)"
                            : "tls-key: without tls-cert (expected: both or neither)");
        }
        if (self && reading.isSet(TLS_CERT)) {
            reading.fault("tls-cert: with tls self (expected: one of the two)");
        }
        if (!self && reading.isSet(TLS_NAME)) {
            reading.fault("tls-name: without tls self (expected: a certificate that it is for)");
        }
        if (!self && !reading.isSet(TLS_CERT) && reading.isSet(HTTP_REDIRECT)) {
            reading.fault("http-redirect: without tls-cert or tls self (expected: HTTPS to lead to)");
        }
        return new HttpsConfig(self, cert, key, names, redirect, publicUrl, proxies);
    }
}
