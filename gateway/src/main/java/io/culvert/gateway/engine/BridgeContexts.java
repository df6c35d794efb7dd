package io.culvert.gateway.engine;

import io.culvert.gateway.identity.ServerIdentity;
import io.culvert.gateway.identity.SharedCertificate;
import io.culvert.link.net.BridgeTls;
import io.culvert.link.net.Seldom;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The TLS contexts of bridge ports. Where the server's certificate comes near its end they are made anew around another: connections
 * that come in from then on are shown that one, and those that are there notice nothing. Any thread; nothing here waits.
 */
final class BridgeContexts {
    private static final Logger log = LoggerFactory.getLogger(BridgeContexts.class);
    /** In the CA's last year the certificates that it signs get shorter and shorter, and replacing it takes a visit to every agent. */
    private static final Duration AUTHORITY_NOTICE = Duration.ofDays(365);
    /** Nobody here can renew the installation's common certificate. */
    private static final Duration SHARED_NOTICE = Duration.ofDays(60);

    private record Made(SslContext server, SslContext tunnel) {}

    private final BridgeTls tls;
    private final ServerIdentity identity;
    private final Optional<SharedCertificate> shared;
    private final Executor disk;
    private final LongSupplier nanoTime;
    private final Seldom failures = new Seldom(Duration.ofMinutes(1));
    private final AtomicBoolean renewing = new AtomicBoolean();
    private volatile Made made;

    /**
     * Contexts for one server.
     *
     * @param shared the installation's common certificate, where it has one: tunnels' own ports show it
     * @param disk where a renewed certificate is signed and written
     * @param nanoTime a clock in nanoseconds that never goes back
     * @throws SSLException where keys and certificates cannot be used
     */
    BridgeContexts(
            BridgeTls tls,
            ServerIdentity identity,
            Optional<SharedCertificate> shared,
            Executor disk,
            LongSupplier nanoTime)
            throws SSLException {
        this.tls = tls;
        this.identity = identity;
        this.shared = shared;
        this.disk = disk;
        this.nanoTime = nanoTime;
        this.made = make();
    }

    /** For the server's own bridge port, as of now. */
    SslContext server() {
        renewWhereDue();
        return made.server();
    }

    /** For tunnels' own bridge ports, as of now. */
    SslContext tunnel() {
        renewWhereDue();
        return made.tunnel();
    }

    /** What has to be done now and then, whether or not anybody comes. Does not throw: a schedule would end with that. */
    void check() {
        try {
            renewWhereDue();
            warnings().forEach(log::warn);
        } catch (RuntimeException e) {
            log.error("whether certificates end before long could not be seen; the next look is tomorrow", e);
        }
    }

    /** What ends before long and cannot be renewed from here. */
    List<String> warnings() {
        Instant now = identity.clock().instant();
        List<String> warnings = new ArrayList<>();
        Instant authorityEnd = end(identity.chain().get(1));
        if (!now.plus(AUTHORITY_NOTICE).isBefore(authorityEnd)) {
            warnings.add(
                    "the server's CA ends at " + authorityEnd + ": no agent gets in from then on. Before that, stop the"
                            + " server, move the directory identity away from its data, start it, and give each agent a new join"
                            + " token or bundle");
        }
        shared.map(each -> end(each.leaf()))
                .filter(end -> !now.plus(SHARED_NOTICE).isBefore(end))
                .ifPresent(end -> warnings.add("the common certificate of the bridge ports ends at " + end
                        + ": clients that have only that do not get in from then on. Before that, give them the bundles of"
                        + " their tunnels, or everybody another pair"));
        return warnings;
    }

    private static Instant end(X509Certificate certificate) {
        return certificate.getNotAfter().toInstant();
    }

    private void renewWhereDue() {
        if (identity.isRenewalDue() && renewing.compareAndSet(false, true)) {
            // Not here: whoever asks for a context is a loop, and a disk waits.
            disk.execute(this::renew);
        }
    }

    private void renew() {
        try {
            if (renewed()) {
                log.info(
                        "the server's certificate was renewed and is good until {}",
                        end(identity.chain().get(0)));
            }
            made = make();
        } catch (SSLException e) {
            log.error("the server's renewed certificate cannot be shown before the next start", e);
        } catch (RuntimeException e) {
            // Whoever connects has it tried again.
            if (failures.isDue(nanoTime.getAsLong())) {
                log.error("the server's certificate could not be renewed", e);
            }
        } finally {
            renewing.set(false);
        }
    }

    private boolean renewed() {
        try {
            return identity.renewIfDue();
        } catch (IOException e) {
            log.warn("the server's renewed certificate could not be written; it is shown all the same", e);
            return false;
        }
    }

    private Made make() throws SSLException {
        SslContext server = tls.shared(identity.chain(), identity.key(), identity.clientTrust(shared));
        return new Made(
                server,
                shared.isEmpty()
                        ? server
                        : tls.shared(shared.get().chain(), shared.get().key(), identity.clientTrust(shared)));
    }
}
