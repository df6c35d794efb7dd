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
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the certificate for HTTPS comes from, whether there is a newer one, and whether it ends before long. Waits for the disk; one thread at a time.
 */
final class WebCertificates {
    private static final Logger LOG = LoggerFactory.getLogger(WebCertificates.class);
    /** Whoever renews by a program does so earlier than this: then something is wrong, and there is time left to look. */
    private static final Duration NOTICE = Duration.ofDays(14);
    /** A program that renews no more changes no file, so a server that runs for months would say nothing. */
    private static final Duration REMINDER = Duration.ofDays(1);

    private final Source source;
    private final InstantSource clock;
    private Object mark = List.of();
    private Optional<WebCertificate> shown = Optional.empty();
    private Instant reminder = Instant.MAX;

    /** A place that certificates come from. */
    private interface Source {
        /** Something that is another one when the certificate is. Cheap. */
        Object mark() throws IOException;

        WebCertificate load() throws IOException;

        /** Whose end somebody should be told of; empty where it renews itself. */
        Optional<Path> watched();
    }

    private WebCertificates(Source source, InstantSource clock) {
        this.source = source;
        this.clock = clock;
    }

    /**
     * Those that a configuration asks for; empty where it asks for none.
     *
     * @param trust asked for given certificates alone: reading a hundred roots takes a sixteenth of a server's start
     */
    static Optional<WebCertificates> of(
            HttpsConfig https, Address http, ServerIdentity identity, Supplier<PublicTrust> trust) {
        if (https.self()) {
            return Optional.of(new WebCertificates(new Own(identity, names(https, http)), identity.clock()));
        }
        if (https.cert().isPresent() && https.key().isPresent()) {
            return Optional.of(new WebCertificates(
                    new Given(https.cert().get(), https.key().get(), trust.get()), identity.clock()));
        }
        return Optional.empty();
    }

    /** The certificate as it is now. */
    WebCertificate load() throws IOException {
        mark = mark();
        return taken(source.load());
    }

    /** A newer one than was loaded last, where there is one; a failure is told once for each change. Once a day the log is told that the one of before ends. */
    Optional<WebCertificate> newer() throws IOException {
        Object now = mark();
        if (now.equals(mark)) {
            if (!clock.instant().isBefore(reminder)) {
                warn();
            }
            return Optional.empty();
        }
        mark = now;
        return Optional.of(taken(source.load()));
    }

    private WebCertificate taken(WebCertificate loaded) {
        shown = Optional.of(loaded);
        warn();
        return loaded;
    }

    private void warn() {
        Instant now = clock.instant();
        reminder = now.plus(REMINDER);
        source.watched().flatMap(file -> warning(file, now)).ifPresent(LOG::warn);
    }

    /** That of the first alone: an end of those that vouch for it may be meant so, where browsers know another way to their roots. */
    private Optional<String> warning(Path file, Instant now) {
        return shown.map(each -> each.chain().get(0).getNotAfter().toInstant())
                .filter(end -> !now.plus(NOTICE).isBefore(end))
                .map(end -> end.isBefore(now)
                        ? file + ": this certificate for HTTPS ended at " + end
                                + ": browsers and programs refuse it. Put another one there; it is read without a restart"
                        : file + ": this certificate for HTTPS ends at " + end
                                + ": browsers and programs refuse it from then on. Put another one there before that; it is"
                                + " read without a restart");
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

        @Override
        public Optional<Path> watched() {
            return Optional.of(certificate);
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

        @Override
        public Optional<Path> watched() {
            return Optional.empty();
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
