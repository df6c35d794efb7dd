package io.culvert.gateway.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.culvert.gateway.Bundle;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.Security;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.net.ssl.X509ExtendedTrustManager;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServerIdentityTest {
    private static final Instant START = Instant.parse("2026-11-23T00:00:00Z");
    private static final SecureRandom RANDOM = new SecureRandom();

    @TempDir
    Path data;

    @Test
    void theFirstStartMakesAnAuthorityAndACertificateOfIt() throws Exception {
        ServerIdentity identity = at(START);

        assertThat(identity.chain()).hasSize(2);
        X509Certificate server = identity.chain().get(0);
        X509Certificate authority = identity.chain().get(1);
        authority.verify(authority.getPublicKey());
        server.verify(authority.getPublicKey());
        assertThat(authority.getBasicConstraints()).as("signs leaves only").isZero();
        assertThat(years(authority)).isEqualTo(20);
        assertThat(server.getBasicConstraints()).isEqualTo(-1);
        assertThat(server.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
        assertThat(server.getSubjectAlternativeNames()).containsExactly(List.of(2, "culvert"));
        assertThat(years(server)).isEqualTo(1);
        assertThat(server.getPublicKey().getAlgorithm()).isEqualTo("EC");
        server.checkValidity(Date.from(START.minus(Duration.ofHours(23))));
        assertThat(identity.pin())
                .isEqualTo(MessageDigest.getInstance("SHA-256")
                        .digest(authority.getPublicKey().getEncoded()));
    }

    @Test
    void laterStartsLoadIt() throws Exception {
        ServerIdentity first = at(START);
        Map<String, String> files = files();

        ServerIdentity second = at(START.plus(Duration.ofDays(200)));

        assertThat(second.chain()).isEqualTo(first.chain());
        assertThat(second.key()).isEqualTo(first.key());
        assertThat(second.pin()).isEqualTo(first.pin());
        assertThat(files()).isEqualTo(files).containsOnlyKeys("ca.crt", "ca.key", "server.crt", "server.key");
    }

    @Test
    void aBundlesKeyNamesItsCurveAndBelongsToItsCertificate() throws Exception {
        Bundle bundle = at(START).issueBundle(7, Optional.empty());
        Path certificates = Files.writeString(data.resolve("proxy.crt"), bundle.certificates());
        Path key = Files.writeString(data.resolve("proxy.key"), bundle.key());
        try (PEMParser parser = new PEMParser(new StringReader(bundle.key()))) {
            PEMKeyPair read = (PEMKeyPair) parser.readObject();
            ASN1ObjectIdentifier p256 = new ASN1ObjectIdentifier("1.2.840.10045.3.1.7");
            // What PEMParser makes of the file: the curve stands inside the key, where Go and OpenSSL look for it.
            assertThat(ECPrivateKey.getInstance(read.getPrivateKeyInfo().parsePrivateKey())
                            .getParametersObject())
                    .isEqualTo(p256);
            assertThat(read.getPublicKeyInfo()).isNotNull();
        }
        assertThat(SharedCertificate.load(certificates, key).leaf().getSubjectX500Principal())
                .hasToString("CN=Culvert tunnel 7");
    }

    @Test
    void onlyTheOwnerReadsKeys() throws Exception {
        at(START);

        assertThat(rights(data.resolve("identity"))).isEqualTo("rwx------");
        assertThat(rights(data.resolve("identity/ca.key"))).isEqualTo("rw-------");
        assertThat(rights(data.resolve("identity/server.key"))).isEqualTo("rw-------");
    }

    @Test
    void aCertificateNearItsEndIsIssuedAnewAndThePinStays() throws Exception {
        ServerIdentity first = at(START);
        // It began a day before START and ends 365 days behind it.
        Instant twoThirdsGone = START.plus(Duration.ofDays(243));
        assertThat(at(twoThirdsGone.minusSeconds(1)).chain()).isEqualTo(first.chain());

        ServerIdentity renewed = at(twoThirdsGone);

        assertThat(renewed.pin()).isEqualTo(first.pin());
        assertThat(renewed.chain().get(1)).isEqualTo(first.chain().get(1));
        X509Certificate server = renewed.chain().get(0);
        assertThat(server).isNotEqualTo(first.chain().get(0));
        assertThat(server.getNotAfter().toInstant()).isEqualTo(twoThirdsGone.plus(Duration.ofDays(365)));
        server.verify(renewed.chain().get(1).getPublicKey());
        assertThat(at(twoThirdsGone).chain()).as("once is enough").isEqualTo(renewed.chain());
        assertThat(files()).containsOnlyKeys("ca.crt", "ca.key", "server.crt", "server.key");
    }

    @Test
    void aCertificateEndsWithItsAuthority() throws Exception {
        at(START);

        HandClock clock = new HandClock(START.plus(Duration.ofDays(19 * 365 + 200)));
        ServerIdentity late = ServerIdentity.loadOrCreate(data, clock, RANDOM);

        assertThat(late.chain().get(0).getNotAfter())
                .isEqualTo(late.chain().get(1).getNotAfter());
        assertThat(late.issueBundle(7, Optional.empty()))
                .satisfies(bundle -> assertThat(bundle.renewAt()).isEqualTo(bundle.endsAt()))
                .satisfies(bundle -> assertThat(bundle.endsAt())
                        .isEqualTo(late.chain().get(1).getNotAfter().toInstant()));
        clock.set(late.chain().get(1).getNotAfter().toInstant().minusSeconds(1));
        assertThat(late.isRenewalDue()).as("another would live no longer").isFalse();
    }

    @Test
    void aRunningServersCertificateIsRenewedForTheSameKey() throws Exception {
        HandClock clock = new HandClock(START);
        ServerIdentity identity = ServerIdentity.loadOrCreate(data, clock, RANDOM);
        X509Certificate first = identity.chain().get(0);
        clock.set(START.plus(Duration.ofDays(243)).minusSeconds(1));
        assertThat(identity.isRenewalDue()).isFalse();
        assertThat(identity.renewIfDue()).isFalse();
        clock.set(START.plus(Duration.ofDays(243)));
        assertThat(identity.isRenewalDue()).isTrue();

        assertThat(identity.renewIfDue()).isTrue();

        X509Certificate second = identity.chain().get(0);
        assertThat(second).isNotEqualTo(first);
        assertThat(second.getPublicKey()).isEqualTo(first.getPublicKey());
        second.verify(identity.chain().get(1).getPublicKey());
        assertThat(identity.isRenewalDue()).isFalse();
        assertThat(identity.renewIfDue()).isFalse();
        assertThat(at(clock.instant()).chain()).as("on disk").isEqualTo(identity.chain());
    }

    @Test
    void aRenewedCertificateIsShownThoughTheDiskDoesNotTakeIt() throws Exception {
        HandClock clock = new HandClock(START);
        ServerIdentity identity = ServerIdentity.loadOrCreate(data, clock, RANDOM);
        X509Certificate first = identity.chain().get(0);
        Files.move(data.resolve("identity"), data.resolve("gone"));
        clock.set(START.plus(Duration.ofDays(250)));
        assertThatExceptionOfType(IOException.class).isThrownBy(identity::renewIfDue);
        assertThat(identity.chain().get(0)).isNotEqualTo(first);
        assertThat(identity.isRenewalDue()).isFalse();
        Files.move(data.resolve("gone"), data.resolve("identity"));
        // What a try that got half-way left behind is not in the way of the next.
        Files.writeString(data.resolve("identity/server.crt.new"), "half a certifi");
        clock.set(START.plus(Duration.ofDays(500)));
        assertThat(identity.renewIfDue()).isTrue();
        assertThat(at(clock.instant()).chain()).isEqualTo(identity.chain());
    }

    @Test
    void aBundleLivesOneYearAndSaysWhenItIsTimeForAnother() throws Exception {
        ServerIdentity identity = at(START);
        Bundle bundle = identity.issueBundle(7, Optional.empty());
        assertThat(bundle.endsAt()).isEqualTo(START.plus(Duration.ofDays(365)));
        assertThat(bundle.renewAt()).isEqualTo(START.plus(Duration.ofDays(243)));
        X509Certificate leaf = (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(
                        new ByteArrayInputStream(bundle.certificates().getBytes(StandardCharsets.US_ASCII)));
        assertThat(leaf.getNotAfter().toInstant()).isEqualTo(bundle.endsAt());
        X509Certificate[] shown = {leaf};
        assertThatCode(() -> judging(START.plus(Duration.ofDays(365)).minusSeconds(1))
                        .checkClientTrusted(shown, "EC"))
                .doesNotThrowAnyException();
        assertThatExceptionOfType(CertificateExpiredException.class)
                .isThrownBy(() ->
                        judging(START.plus(Duration.ofDays(365)).plusSeconds(1)).checkClientTrusted(shown, "EC"));
    }

    private X509ExtendedTrustManager judging(Instant now) throws IOException {
        return at(now).clientTrust(Optional.empty());
    }

    @ParameterizedTest
    @CsvSource({
        "ca.crt, '', 'is not PEM (expected: BEGIN CERTIFICATE)'",
        "ca.key, garbage, 'is not PEM (expected: BEGIN PRIVATE KEY)'",
        "server.crt, -----BEGIN CERTIFICATE-----!!-----END CERTIFICATE-----, 'is not PEM (expected: BEGIN CERTIFICATE)'",
        "server.key, '-----BEGIN PRIVATE KEY-----|!!!!|-----END PRIVATE KEY-----', 'is not PEM (expected: BEGIN PRIVATE KEY)'",
        "server.key, '-----BEGIN PRIVATE KEY-----|AAAA|-----END PRIVATE KEY-----', is not an EC private key in PKCS#8",
        "server.crt, '-----BEGIN CERTIFICATE-----|AAAA|-----END CERTIFICATE-----', is not an X.509 certificate",
        "server.crt, '-----BEGIN PRIVATE KEY-----|AAAA|-----END PRIVATE KEY-----', 'is not PEM (expected: BEGIN CERTIFICATE)'",
    })
    void aDamagedFileIsRefusedAndLeftAlone(String name, String content, String why) throws Exception {
        at(START);
        Files.writeString(data.resolve("identity").resolve(name), content.replace('|', '\n'));

        refusedUntouched(name, why);
    }

    @ParameterizedTest
    @CsvSource({"ca.crt", "ca.key", "server.crt", "server.key"})
    void aMissingFileIsRefusedAndNotReplaced(String name) throws Exception {
        at(START);
        Files.delete(data.resolve("identity").resolve(name));

        refusedUntouched(name, "is missing");
    }

    @ParameterizedTest
    @CsvSource({
        "ca.crt, server.crt is not signed by ca.crt",
        "ca.key, ca.key is not the key of ca.crt",
        "server.crt, server.crt is not signed by ca.crt",
        "server.key, server.key is not the key of server.crt",
    })
    void aFileOfAnotherIdentityIsRefused(String name, String why, @TempDir Path other) throws Exception {
        at(START);
        ServerIdentity.loadOrCreate(other, InstantSource.fixed(START), RANDOM);
        Files.copy(
                other.resolve("identity").resolve(name),
                data.resolve("identity").resolve(name),
                StandardCopyOption.REPLACE_EXISTING);

        String[] nameAndWhy = why.split(" ", 2);
        refusedUntouched(nameAndWhy[0], nameAndWhy[1]);
    }

    @Test
    void whatIsNoAuthorityOrNoLongerOneIsRefused() throws Exception {
        at(START);
        Path identity = data.resolve("identity");
        assertThatExceptionOfType(DamagedIdentityException.class)
                .isThrownBy(() -> at(START.plus(Duration.ofDays(21 * 365))))
                .withMessageContaining("ca.crt ended at 2046-11-23");
        Files.copy(identity.resolve("server.crt"), identity.resolve("x"));
        Files.move(identity.resolve("x"), identity.resolve("ca.crt"), StandardCopyOption.REPLACE_EXISTING);

        refusedUntouched("ca.crt", "is not the certificate of a CA");
    }

    @Test
    void anAbsurdlyLongFileIsNotRead() throws Exception {
        at(START);
        Files.write(data.resolve("identity/ca.crt"), new byte[64 * 1024 + 1]);

        refusedUntouched("ca.crt", "is 65537 bytes (expected: at most 65536)");
    }

    @Test
    void whatACrashLeftUnfinishedIsMadeAgain() throws Exception {
        // Every way in which making the four files can have stopped half-way.
        List<String> order = List.of("ca.key", "ca.crt", "server.key", "server.crt");
        for (int written = 0; written <= order.size(); written++) {
            Path fresh = Files.createDirectory(data.resolve("start-" + written));
            Path unfinished = Files.createDirectory(fresh.resolve("identity.new"));
            for (String each : order.subList(0, written)) {
                Files.writeString(unfinished.resolve(each), "half a fi");
            }

            ServerIdentity made = ServerIdentity.loadOrCreate(fresh, InstantSource.fixed(START), RANDOM);

            assertThat(names(fresh)).containsExactly("identity");
            assertThat(ServerIdentity.loadOrCreate(fresh, InstantSource.fixed(START), RANDOM)
                            .pin())
                    .isEqualTo(made.pin());
        }
    }

    @Test
    void aCrashWhileRenewingChangesNothing() throws Exception {
        ServerIdentity first = at(START);
        Files.writeString(data.resolve("identity/server.crt.new"), "half a certifi");

        assertThat(at(START).chain()).isEqualTo(first.chain());
        assertThat(files()).containsOnlyKeys("ca.crt", "ca.key", "server.crt", "server.key");
    }

    @Test
    void anEmptyDirectoryMadeBeforehandIsFilled() throws Exception {
        Files.createDirectory(data.resolve("identity"));

        at(START);

        assertThat(rights(data.resolve("identity"))).isEqualTo("rwx------");
        assertThat(files()).hasSize(4);
    }

    @Test
    void saysNothingAboutKeysAndRegistersNoProvider() throws Exception {
        List<Provider> before = Arrays.asList(Security.getProviders());

        assertThat(at(START)).hasToString("ServerIdentity[CN=Culvert server until 2027-11-23T00:00:00Z]");

        assertThat(Security.getProviders()).containsExactlyElementsOf(before);
    }

    private void refusedUntouched(String name, String why) throws IOException {
        Map<String, String> before = files();
        assertThatExceptionOfType(DamagedIdentityException.class)
                .isThrownBy(() -> at(START))
                .withMessageStartingWith(data.resolve("identity").resolve(name) + " " + why)
                .withMessageContaining("restore ");
        assertThat(files()).isEqualTo(before);
    }

    private ServerIdentity at(Instant now) throws IOException {
        return ServerIdentity.loadOrCreate(data, InstantSource.fixed(now), RANDOM);
    }

    private Map<String, String> files() throws IOException {
        Map<String, String> contents = new TreeMap<>();
        for (String each : names(data.resolve("identity"))) {
            contents.put(
                    each,
                    new String(
                            Files.readAllBytes(data.resolve("identity").resolve(each)), StandardCharsets.ISO_8859_1));
        }
        return contents;
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(each -> String.valueOf(each.getFileName()))
                    .sorted()
                    .toList();
        }
    }

    private static String rights(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private static long years(X509Certificate certificate) {
        return Duration.between(START, certificate.getNotAfter().toInstant()).toDays() / 365;
    }
}
