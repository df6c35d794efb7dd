package io.culvert.gateway.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What HTTPS shows where the server's own CA signs it. */
class WebCertificateTest {
    private static final Instant START = Instant.parse("2026-11-23T00:00:00Z");
    private static final Set<String> NAMES = Set.of("tunnels.example", "192.0.2.7", "2001:db8::1");

    @TempDir
    Path data;

    @Test
    void itIsSignedForItsNamesAndKeptToItself() throws Exception {
        ServerIdentity identity = at(START);
        KeyedCertificate web = identity.web(NAMES);
        X509Certificate leaf = web.leaf();
        leaf.verify(identity.chain().get(1).getPublicKey());
        assertThat(web.chain()).hasSize(2).last().isEqualTo(identity.chain().get(1));
        assertThat(leaf.getSubjectAlternativeNames())
                .containsExactlyInAnyOrder(
                        List.of(2, "tunnels.example"), List.of(7, "192.0.2.7"), List.of(7, "2001:db8:0:0:0:0:0:1"));
        assertThat(leaf.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
        assertThat(leaf.getPublicKey()).isNotEqualTo(identity.chain().get(0).getPublicKey());
        assertThat(web.isPair()).isTrue();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve("identity/web.pem"))))
                .isEqualTo("rw-------");
    }

    @Test
    void itStaysUntilNamesOrTimeSayOtherwise() throws Exception {
        KeyedCertificate first = at(START).web(NAMES);
        assertThat(at(START.plus(Duration.ofDays(240))).web(NAMES)).isEqualTo(first);
        KeyedCertificate later = at(START.plus(Duration.ofDays(245))).web(NAMES);
        assertThat(later.leaf()).isNotEqualTo(first.leaf());
        assertThat(later.leaf().getNotAfter().toInstant()).isEqualTo(START.plus(Duration.ofDays(245 + 365)));
        KeyedCertificate other = at(START).web(Set.of("another.example"));
        assertThat(other.leaf()).isNotEqualTo(later.leaf());
        assertThat(at(START).web(Set.of("another.example"))).isEqualTo(other);
    }

    @Test
    void aBrokenOneIsReplacedNotMourned() throws Exception {
        KeyedCertificate first = at(START).web(NAMES);
        Path file = data.resolve("identity/web.pem");
        String whole = Files.readString(file);
        for (String broken : List.of("", "rubbish", whole.substring(0, whole.length() / 2), foreign())) {
            Files.writeString(file, broken);
            KeyedCertificate made = at(START).web(NAMES);
            assertThat(made.leaf()).isNotEqualTo(first.leaf());
            assertThat(made.isPair()).isTrue();
            made.leaf().verify(at(START).chain().get(1).getPublicKey());
        }
    }

    private String foreign() throws Exception {
        Path other = data.resolve("other");
        KeyedCertificate unused = ServerIdentity.loadOrCreate(other, InstantSource.fixed(START), new SecureRandom())
                .web(NAMES);
        return Files.readString(other.resolve("identity/web.pem"));
    }

    private ServerIdentity at(Instant now) throws Exception {
        return ServerIdentity.loadOrCreate(data, InstantSource.fixed(now), new SecureRandom());
    }
}
