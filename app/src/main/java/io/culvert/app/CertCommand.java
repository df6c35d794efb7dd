package io.culvert.app;

import io.culvert.app.config.CertConfig;
import io.culvert.app.config.ConfigException;
import io.culvert.app.config.Flags;
import io.culvert.app.process.CommandFailure;
import io.culvert.app.process.Console;
import io.culvert.app.process.ExitCode;
import io.culvert.app.process.Reasons;
import io.culvert.gateway.identity.ServerIdentity;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;

/** {@code culvert cert}: what the server of a data directory shows of itself. Reads no key and changes nothing. One thread. */
final class CertCommand {
    private final Console console;

    CertCommand(Console console) {
        this.console = console;
    }

    int run(Flags flags) throws ConfigException, CommandFailure {
        Path identity = CertConfig.read(flags, console.environment()).data().resolve("identity");
        try {
            X509Certificate authority = read(identity.resolve("ca.crt"));
            X509Certificate server = read(identity.resolve("server.crt"));
            byte[] pin = MessageDigest.getInstance("SHA-256")
                    .digest(authority.getPublicKey().getEncoded());
            console.out()
                    .println("pin: " + Base64.getUrlEncoder().withoutPadding().encodeToString(pin)
                            + " (as join tokens end; SHA-256 of the CA's public key)");
            show("CA", authority, "");
            show("server", server, renewal(server, authority));
            return ExitCode.OK;
        } catch (NoSuchFileException e) {
            throw new CommandFailure(
                    ExitCode.FAILURE,
                    "no identity in " + identity + ": " + e.getFile()
                            + " is missing (expected: the data directory of a server that was started once)",
                    e);
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.FAILURE, identity + ": " + Reasons.of(e), e);
        } catch (GeneralSecurityException e) {
            throw new CommandFailure(ExitCode.FAILURE, identity + " is damaged: " + e.getMessage(), e);
        }
    }

    private static String renewal(X509Certificate server, X509Certificate authority) {
        Instant at = ServerIdentity.renewal(server, authority);
        return at.isBefore(server.getNotAfter().toInstant())
                ? ", renews itself after " + at
                : ", which is the CA's end: agents will need new join tokens and bundles by then";
    }

    private void show(String what, X509Certificate certificate, String more) throws CertificateException {
        console.out()
                .println(what + ": " + certificate.getSubjectX500Principal().getName() + ", valid from "
                        + certificate.getNotBefore().toInstant() + " to "
                        + certificate.getNotAfter().toInstant() + more);
        Base64.Encoder lines = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));
        console.out().println("-----BEGIN CERTIFICATE-----");
        console.out().println(lines.encodeToString(certificate.getEncoded()));
        console.out().println("-----END CERTIFICATE-----");
    }

    private static X509Certificate read(Path file) throws IOException, CertificateException {
        try (InputStream in = Files.newInputStream(file)) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }
}
