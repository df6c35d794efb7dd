package io.culvert.app;

import io.culvert.app.config.Address;
import io.culvert.app.config.HttpsConfig;
import io.culvert.gateway.identity.KeyedCertificate;
import io.culvert.gateway.identity.ServerIdentity;
import io.culvert.web.WebCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Where the certificate for HTTPS comes from, and whether there is a newer one. Waits for the disk; one thread at a time.
 */
final class WebCertificates {
    private final Source source;
    private Object mark;

    /** A place that certificates come from. */
    private interface Source {
        /** Something that is another one when the certificate is. Cheap. */
        Object mark() throws IOException;

        WebCertificate load() throws IOException;
    }

    private WebCertificates(Source source, Object mark) {
        this.source = source;
        this.mark = mark;
    }

    /**
     * Those that a configuration asks for; empty where it asks for none.
     *
     * @param trust asked for given certificates alone: reading a hundred roots takes a sixteenth of a server's start
     */
    static Optional<WebCertificates> of(
            HttpsConfig https, Address http, ServerIdentity identity, Supplier<PublicTrust> trust) {
        if (https.self()) {
            return Optional.of(new WebCertificates(new Own(identity, names(https, http)), List.of()));
        }
        if (https.cert().isPresent() && https.key().isPresent()) {
            return Optional.of(new WebCertificates(
                    new Given(https.cert().get(), https.key().get(), trust.get()), List.of()));
        }
        return Optional.empty();
    }

    /** The certificate as it is now. */
    WebCertificate load() throws IOException {
        mark = mark();
        return source.load();
    }

    /** A newer one than was loaded last, where there is one; a failure is told once for each change. */
    Optional<WebCertificate> newer() throws IOException {
        Object now = mark();
        if (now.equals(mark)) {
            return Optional.empty();
        }
        mark = now;
        return Optional.of(source.load());
    }

    private Object mark() {
        try {
            return source.mark();
        } catch (IOException e) {
            // Away is a state like another: it is told when it begins, not each time that somebody looks.
            return e.toString();
        }
    }

    /** Files of somebody else's, told by their times and lengths. */
    private record Given(Path certificate, Path key, PublicTrust trust) implements Source {
        @Override
        public Object mark() throws IOException {
            return List.of(stamp(certificate), stamp(key));
        }

        private static List<Object> stamp(Path file) throws IOException {
            FileTime time = Files.getLastModifiedTime(file);
            // Where a link is led to another file, as certbot does it, times may well be the same.
            return List.of(file.toRealPath(), time, Files.size(file));
        }

        @Override
        public WebCertificate load() throws IOException {
            KeyedCertificate pair = KeyedCertificate.load(certificate, key);
            return new WebCertificate(pair.chain(), pair.key(), trust.believes(pair.chain()));
        }
    }

    /** One that the server signs itself. */
    private record Own(ServerIdentity identity, Set<String> names) implements Source {
        @Override
        public Object mark() throws IOException {
            return identity.web(names).leaf();
        }

        @Override
        public WebCertificate load() throws IOException {
            KeyedCertificate pair = identity.web(names);
            return new WebCertificate(pair.chain(), pair.key(), false);
        }
    }

    /** What the server is likely to be called: what it listens on, what the machine is called, and loopback. */
    static Set<String> names(HttpsConfig https, Address http) {
        if (!https.names().isEmpty()) {
            return new LinkedHashSet<>(https.names());
        }
        Set<String> names = new LinkedHashSet<>(List.of("localhost", "127.0.0.1", "::1"));
        https.publicUrl().map(url -> url.getHost().replaceAll("[\\[\\]]", "")).ifPresent(names::add);
        if (!http.host().equals("0.0.0.0") && !http.host().equals("::")) {
            names.add(http.host());
        }
        try {
            InetAddress self = InetAddress.getLocalHost();
            Address.host(self.getHostName()).ifPresent(names::add);
            names.add(self.getHostAddress().replaceFirst("%.*", ""));
        } catch (UnknownHostException e) {
            // a machine without a name
        }
        return names;
    }
}
