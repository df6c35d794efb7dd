package io.culvert.app;

import io.culvert.app.process.Reasons;
import io.culvert.web.WebCertificate;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks from time to time whether there is a newer certificate for HTTPS, and has it shown. One that cannot be used is told and left; the
 * old one goes on to be shown. Runs on a thread of its own, {@code culvert-tls}.
 */
final class CertificateWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CertificateWatch.class);

    private final WebCertificates certificates;
    private final Function<WebCertificate, CompletionStage<Void>> show;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread made = new Thread(work, "culvert-tls");
        made.setDaemon(true);
        return made;
    });

    /** @param show has a certificate shown from now on */
    CertificateWatch(WebCertificates certificates, Function<WebCertificate, CompletionStage<Void>> show) {
        this.certificates = certificates;
        this.show = show;
    }

    /** Looks each time that so much has passed. */
    CertificateWatch every(Duration period) {
        var unused =
                thread.scheduleWithFixedDelay(this::look, period.toMillis(), period.toMillis(), TimeUnit.MILLISECONDS);
        return this;
    }

    private void look() {
        try {
            Optional<WebCertificate> newer = certificates.newer();
            newer.ifPresent(found -> show.apply(found).whenComplete((shown, thrown) -> {
                if (thrown == null) {
                    LOG.info(
                            "HTTPS shows {} from now on, valid until {}",
                            found,
                            found.chain().get(0).getNotAfter().toInstant());
                } else {
                    LOG.warn("HTTPS cannot show {}; the old certificate stays", found, thrown);
                }
            }));
        } catch (IOException | RuntimeException e) {
            LOG.warn("certificate for HTTPS: {}; the old one stays", Reasons.of(e));
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
