package io.culvert.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.culvert.app.config.Address;
import io.culvert.app.config.HttpsConfig;
import io.culvert.gateway.identity.ServerIdentity;
import io.culvert.web.WebCertificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Where the certificate for HTTPS comes from, and when there is a newer one. */
class WebCertificatesTest {
    private static final Address HTTP = new Address("192.0.2.9", 8443);
    private static final PublicTrust NOBODY = PublicTrust.ofThisJava();

    @TempDir
    Path directory;

    @Test
    void filesAreReadAgainWhenTheyChangeAndBadOnesAreToldOnce() throws Exception {
        ServerIdentity first = identity("first");
        ServerIdentity second = identity("second");
        write(first, "a.example");
        WebCertificates certificates = given(NOBODY);
        WebCertificate shown = certificates.load();
        assertThat(certificates.newer()).isEmpty();

        Files.writeString(directory.resolve("web.crt"), "no certificate at all");
        assertThatThrownBy(certificates::newer).isInstanceOf(IOException.class).hasMessageContaining("web.crt");
        assertThat(certificates.newer()).isEmpty();
        Files.delete(directory.resolve("web.crt"));
        assertThatThrownBy(certificates::newer).isInstanceOf(IOException.class);
        assertThat(certificates.newer()).isEmpty();

        write(second, "b.example");
        WebCertificate other = certificates.newer().orElseThrow();
        assertThat(other.chain())
                .isNotEqualTo(shown.chain())
                .contains(second.chain().get(1));
        assertThat(certificates.newer()).isEmpty();
    }

    @Test
    void anEndBeforeLongIsToldAtTheStartAtEachReloadAndOnceADay() throws Exception {
        Instant start = Instant.parse("2026-11-23T00:00:00Z");
        Instant[] now = {start};
        write(identity("first", () -> start), "a.example");
        WebCertificates certificates = given(NOBODY, () -> now[0]);
        Instant end = certificates.load().chain().get(0).getNotAfter().toInstant();
        Logger logger = (Logger) LoggerFactory.getLogger(WebCertificates.class);
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        logger.addAppender(log);
        try {
            WebCertificate unused = certificates.load();
            now[0] = end.minus(Duration.ofDays(14)).minusSeconds(1);
            unused = given(NOBODY, () -> now[0]).load();
            assertThat(told(log)).isEmpty();

            now[0] = end.minus(Duration.ofDays(14));
            assertThat(certificates.newer()).isEmpty();
            assertThat(told(log))
                    .singleElement(STRING)
                    .startsWith("WARN " + directory.resolve("web.crt") + ": ")
                    .contains(" ends at " + end + ": ");
            now[0] = now[0].plus(Duration.ofDays(1)).minusSeconds(1);
            assertThat(certificates.newer()).isEmpty();
            assertThat(told(log)).hasSize(1);
            now[0] = now[0].plusSeconds(1);
            assertThat(certificates.newer()).isEmpty();
            assertThat(told(log)).hasSize(2);

            now[0] = end.plusSeconds(1);
            WebCertificates later = given(NOBODY, () -> now[0]);
            unused = later.load();
            assertThat(told(log)).hasSize(3).last(STRING).contains(" ended at " + end + ": ");
            write(identity("second", () -> start), "b.example");
            assertThat(later.newer()).isPresent();
            assertThat(told(log)).hasSize(4).last(STRING).contains(" ended at ");

            write(identity("third", () -> now[0]), "c.example");
            assertThat(later.newer()).isPresent();
            now[0] = now[0].plus(Duration.ofDays(2));
            assertThat(later.newer()).isEmpty();
            assertThat(told(log)).hasSize(4);
        } finally {
            logger.detachAppender(log);
        }
    }

    @Test
    void ofTwoFilesThatAreNoPairNothingIsTaken() throws Exception {
        write(identity("first"), "a.example");
        WebCertificates certificates = given(NOBODY);
        WebCertificate unused = certificates.load();
        String key = Files.readString(directory.resolve("web.key"));
        write(identity("second"), "a.example");
        Files.writeString(directory.resolve("web.key"), key);
        assertThatThrownBy(certificates::newer).isInstanceOf(IOException.class).hasMessageContaining("not a pair");
    }

    @Test
    void onlyWhatEverybodyBelievesIsPublic() throws Exception {
        ServerIdentity identity = identity("first");
        write(identity, "a.example");
        assertThat(given(NOBODY).load().publiclyTrusted()).isFalse();
        KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
        anchors.load(null, null);
        anchors.setCertificateEntry("ca", identity.chain().get(1));
        assertThat(given(PublicTrust.of(anchors)).load().publiclyTrusted()).isTrue();
        assertThat(own(identity, HttpsConfig.own()).load().publiclyTrusted()).isFalse();
    }

    @Test
    void anOwnOneIsForWhatTheServerIsLikelyToBeCalled() throws Exception {
        assertThat(WebCertificates.names(HttpsConfig.own(), HTTP))
                .contains("localhost", "127.0.0.1", "::1", "192.0.2.9");
        assertThat(WebCertificates.names(HttpsConfig.own(), new Address("0.0.0.0", 1)))
                .doesNotContain("0.0.0.0");
        assertThat(WebCertificates.names(HttpsConfig.own("a.example"), HTTP)).isEqualTo(Set.of("a.example"));
        WebCertificate made =
                own(identity("first"), HttpsConfig.own("a.example")).load();
        assertThat(made.chain().get(0).getSubjectAlternativeNames()).containsExactly(List.of(2, "a.example"));
    }

    @Test
    void anOwnOneRenewsItself() throws Exception {
        Instant start = Instant.parse("2026-11-23T00:00:00Z");
        Instant[] now = {start};
        ServerIdentity identity =
                ServerIdentity.loadOrCreate(directory.resolve("aging"), () -> now[0], new SecureRandom());
        WebCertificates certificates = own(identity, HttpsConfig.own("a.example"));
        WebCertificate first = certificates.load();
        now[0] = start.plus(Duration.ofDays(200));
        assertThat(certificates.newer()).isEmpty();
        now[0] = start.plus(Duration.ofDays(250));
        assertThat(certificates.newer()).get().extracting(WebCertificate::chain).isNotEqualTo(first.chain());
    }

    @Test
    void theWatchShowsWhatIsNewAndSurvivesWhatIsBad() throws Exception {
        write(identity("first"), "a.example");
        WebCertificates certificates = given(NOBODY);
        WebCertificate unused = certificates.load();
        List<WebCertificate> shown = new CopyOnWriteArrayList<>();
        try (CertificateWatch watch = new CertificateWatch(certificates, found -> {
            shown.add(found);
            return CompletableFuture.completedStage(null);
        })) {
            CertificateWatch running = watch.every(Duration.ofMillis(20));
            Files.writeString(directory.resolve("web.crt"), "rubbish");
            ServerIdentity second = identity("second");
            write(second, "b.example");
            await().until(() -> !shown.isEmpty());
            assertThat(running).isSameAs(watch);
            assertThat(shown.get(shown.size() - 1).chain())
                    .contains(second.chain().get(1));
        }
    }

    private static List<String> told(ListAppender<ILoggingEvent> log) {
        return log.list.stream()
                .map(each -> each.getLevel() + " " + each.getFormattedMessage())
                .toList();
    }

    private WebCertificates given(PublicTrust trust) throws IOException {
        return given(trust, InstantSource.system());
    }

    private WebCertificates given(PublicTrust trust, InstantSource clock) throws IOException {
        HttpsConfig https = new HttpsConfig(
                false,
                Optional.of(directory.resolve("web.crt")),
                Optional.of(directory.resolve("web.key")),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                List.of());
        return WebCertificates.of(https, HTTP, identity("unused", clock), () -> trust)
                .orElseThrow();
    }

    private static WebCertificates own(ServerIdentity identity, HttpsConfig https) {
        return WebCertificates.of(https, HTTP, identity, () -> NOBODY).orElseThrow();
    }

    private ServerIdentity identity(String name) throws IOException {
        return identity(name, InstantSource.system());
    }

    private ServerIdentity identity(String name, InstantSource clock) throws IOException {
        return ServerIdentity.loadOrCreate(directory.resolve(name), clock, new SecureRandom());
    }

    /** Writes the pair as one would get it from a CA. */
    private void write(ServerIdentity identity, String name) throws IOException {
        var pair = identity.web(Set.of(name));
        Files.writeString(directory.resolve("web.key"), Pem.key(pair.key()));
        Files.writeString(directory.resolve("web.crt"), Pem.certificates(pair.chain()));
    }
}
