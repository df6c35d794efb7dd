package io.culvert.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.app.config.ServerConfig;
import io.culvert.gateway.Bundle;
import io.culvert.gateway.identity.ServerIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the pair of an installation in the field is looked for, and what is said of one that is no good. */
class CommonCertificateTest {
    @TempDir
    Path directory;

    private Path data;
    private Path working;

    @BeforeEach
    void directories() throws IOException {
        data = Files.createDirectories(directory.resolve("installation")).resolve("data");
        working = Files.createDirectories(directory.resolve("working"));
    }

    private ServerConfig config() {
        return ServerConfig.embedded(data);
    }

    private ServerConfig config(Path certificate, Path key) {
        return config().withBridgeCertificate(certificate, key);
    }

    /** Some certificate and its key. */
    private Bundle pair() throws IOException {
        return ServerIdentity.loadOrCreate(
                        Files.createTempDirectory(directory, "identity"), InstantSource.system(), new SecureRandom())
                .issueBundle(1, Optional.empty());
    }

    private static Path put(Path place, Bundle pair) throws IOException {
        Files.createDirectories(place);
        Files.writeString(place.resolve("proxy.crt"), pair.certificates());
        Files.writeString(place.resolve("proxy.key"), pair.key());
        return place.resolve("proxy.crt");
    }

    @Test
    void withoutAnyTheServersOwnIsShown() {
        assertThat(CommonCertificate.find(config(), working)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "working/certification",
                "working/cerfitication",
                "installation/certification",
                "installation/cerfitication"
            })
    void isFoundWhereTheSeedHadIt(String place) throws IOException {
        Path found = put(directory.resolve(place), pair());
        assertThat(CommonCertificate.find(config(), working).orElseThrow().certificate())
                .isEqualTo(found);
    }

    @Test
    void theWorkingDirectoryComesFirstAndTheConfigurationBeforeIt() throws IOException {
        put(directory.resolve("installation/certification"), pair());
        Path near = put(working.resolve("certification"), pair());
        assertThat(CommonCertificate.find(config(), working).orElseThrow().certificate())
                .isEqualTo(near);
        Path named = put(directory.resolve("elsewhere"), pair());
        ServerConfig config = config(named, named.resolveSibling("proxy.key"));
        CommonCertificate.Pair files = CommonCertificate.find(config, working).orElseThrow();
        assertThat(files.certificate()).isEqualTo(named);
        assertThat(CommonCertificate.load(files).leaf()).isNotNull();
    }

    @Test
    void halfAPairIsNotUsed() throws IOException {
        Path certificate = put(working.resolve("certification"), pair());
        Files.delete(certificate.resolveSibling("proxy.key"));
        assertThat(CommonCertificate.find(config(), working)).isEmpty();
    }

    @Test
    void aServerRefusesWhatItCannotUseAndSaysWhy() throws IOException {
        Path certificate = put(directory.resolve("mixed"), pair());
        Path key = certificate.resolveSibling("proxy.key");
        Files.writeString(key, pair().key());
        refused(certificate, key, "not a pair");
        Files.writeString(certificate, "no PEM");
        refused(certificate, key, "certificate");
        refused(directory.resolve("missing.crt"), key, "missing.crt");
    }

    private void refused(Path certificate, Path key, String told) {
        assertThatThrownBy(() -> Server.start(config(certificate, key)))
                .isInstanceOf(StartException.class)
                .hasMessageStartingWith("bridge certificate " + certificate + " and " + key + ": ")
                .hasMessageContaining(told);
    }
}
