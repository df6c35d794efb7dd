package io.culvert.gateway.identity;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemReader;
import org.bouncycastle.util.io.pem.PemWriter;

/** The identity on disk: written whole or not at all, believed only after every part was tried. One caller at a time. */
final class IdentityFiles {
    /** What {@link #load} found. */
    record Loaded(Issuer.Issued authority, Issuer.Issued server) {}

    private static final String DIRECTORY = "identity";
    private static final String UNFINISHED_DIRECTORY = "identity.new";
    private static final String UNFINISHED_CERTIFICATE = "server.crt.new";
    private static final String AUTHORITY_CERTIFICATE = "ca.crt";
    private static final String AUTHORITY_KEY = "ca.key";
    private static final String SERVER_CERTIFICATE = "server.crt";
    private static final String SERVER_KEY = "server.key";
    /** Key, certificate and the CA's in one file, so that no crash leaves two of different pairs. */
    private static final String WEB = "web.pem";

    private static final String UNFINISHED_WEB = "web.pem.new";
    private static final String CERTIFICATE_TYPE = "CERTIFICATE";
    private static final String KEY_TYPE = "PRIVATE KEY";
    /** Ours are below 1 KiB; something far larger is not ours, and not worth the memory. */
    private static final long MAX_FILE = 64 * 1024;

    private final Path data;
    private final Path directory;

    IdentityFiles(Path data) {
        this.data = data;
        this.directory = data.resolve(DIRECTORY);
    }

    /** True where there is anything at all in the identity's place, be it whole or not. */
    boolean exist() throws IOException {
        if (!Files.isDirectory(directory)) {
            return Files.exists(directory, LinkOption.NOFOLLOW_LINKS);
        }
        // An empty directory holds nothing that could be lost; some people make their directories beforehand.
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            return entries.iterator().hasNext();
        }
    }

    /** Deletes what a crash left unfinished; nobody has ever seen a pin of it. */
    void clearLeftovers() throws IOException {
        Path unfinished = data.resolve(UNFINISHED_DIRECTORY);
        for (String each : Set.of(AUTHORITY_CERTIFICATE, AUTHORITY_KEY, SERVER_CERTIFICATE, SERVER_KEY)) {
            Files.deleteIfExists(unfinished.resolve(each));
        }
        Files.deleteIfExists(unfinished);
        Files.deleteIfExists(directory.resolve(UNFINISHED_CERTIFICATE));
        Files.deleteIfExists(directory.resolve(UNFINISHED_WEB));
    }

    /** What HTTPS showed last; empty where there is none, or what is there is of no use: another is soon made. */
    Optional<KeyedCertificate> loadWeb() {
        Path file = directory.resolve(WEB);
        List<X509Certificate> chain = new ArrayList<>();
        Optional<PrivateKey> key = Optional.empty();
        try (PemReader reader = new PemReader(Files.newBufferedReader(file, StandardCharsets.ISO_8859_1))) {
            for (PemObject object = reader.readPemObject(); object != null; object = reader.readPemObject()) {
                if (object.getType().equals(KEY_TYPE)) {
                    key = Optional.of(
                            KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(object.getContent())));
                } else {
                    chain.add((X509Certificate) CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(object.getContent())));
                }
            }
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            return Optional.empty();
        }
        return key.filter(found -> !chain.isEmpty())
                .map(found -> new KeyedCertificate(chain, found))
                .filter(KeyedCertificate::isPair);
    }

    /** Puts what HTTPS shows in the place of what it showed before. */
    void replaceWeb(KeyedCertificate shown) throws IOException {
        Path unfinished = directory.resolve(UNFINISHED_WEB);
        Files.deleteIfExists(unfinished);
        StringBuilder text = new StringBuilder(pem(KEY_TYPE, shown.key().getEncoded()));
        for (X509Certificate certificate : shown.chain()) {
            text.append(pem(certificate));
        }
        write(unfinished, text.toString(), "rw-------");
        Files.move(unfinished, directory.resolve(WEB), StandardCopyOption.ATOMIC_MOVE);
        sync(directory);
    }

    /** Writes a new identity. */
    void create(Issuer.Issued authority, Issuer.Issued server) throws IOException {
        Files.createDirectories(data);
        Path unfinished = data.resolve(UNFINISHED_DIRECTORY);
        Files.createDirectory(unfinished, rights(unfinished, "rwx------"));
        write(unfinished.resolve(AUTHORITY_KEY), pem(KEY_TYPE, authority.key().getEncoded()), "rw-------");
        write(unfinished.resolve(AUTHORITY_CERTIFICATE), pem(authority.certificate()), "rw-r--r--");
        write(unfinished.resolve(SERVER_KEY), pem(KEY_TYPE, server.key().getEncoded()), "rw-------");
        write(unfinished.resolve(SERVER_CERTIFICATE), pem(server.certificate()), "rw-r--r--");
        sync(unfinished);
        Files.move(unfinished, directory, StandardCopyOption.ATOMIC_MOVE);
        sync(data);
    }

    /** Swaps the server's certificate for another of the same key. */
    void replaceServerCertificate(X509Certificate certificate) throws IOException {
        Path unfinished = directory.resolve(UNFINISHED_CERTIFICATE);
        // An earlier try of this process may have got no further than here.
        Files.deleteIfExists(unfinished);
        write(unfinished, pem(certificate), "rw-r--r--");
        Files.move(unfinished, directory.resolve(SERVER_CERTIFICATE), StandardCopyOption.ATOMIC_MOVE);
        sync(directory);
    }

    /** Reads the identity and tries whether its parts belong together. */
    Loaded load(Instant now) throws IOException {
        X509Certificate authority = certificate(AUTHORITY_CERTIFICATE);
        PrivateKey authorityKey = key(AUTHORITY_KEY);
        X509Certificate server = certificate(SERVER_CERTIFICATE);
        PrivateKey serverKey = key(SERVER_KEY);
        if (authority.getBasicConstraints() < 0) {
            throw damaged(AUTHORITY_CERTIFICATE, "is not the certificate of a CA");
        }
        if (!authority.getNotAfter().toInstant().isAfter(now)) {
            throw damaged(
                    AUTHORITY_CERTIFICATE, "ended at " + authority.getNotAfter().toInstant());
        }
        signedBy(AUTHORITY_CERTIFICATE, authority, authority);
        signedBy(SERVER_CERTIFICATE, server, authority);
        pair(AUTHORITY_KEY, authorityKey, AUTHORITY_CERTIFICATE, authority);
        pair(SERVER_KEY, serverKey, SERVER_CERTIFICATE, server);
        return new Loaded(new Issuer.Issued(authority, authorityKey), new Issuer.Issued(server, serverKey));
    }

    private X509Certificate certificate(String name) throws IOException {
        byte[] der = read(name, CERTIFICATE_TYPE);
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        } catch (GeneralSecurityException e) {
            throw damaged(name, "is not an X.509 certificate", e);
        }
    }

    private PrivateKey key(String name) throws IOException {
        byte[] der = read(name, KEY_TYPE);
        try {
            return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der));
        } catch (GeneralSecurityException e) {
            // No cause: a parser's message may quote what it read.
            throw damaged(name, "is not an EC private key in PKCS#8");
        }
    }

    private byte[] read(String name, String type) throws IOException {
        Path file = directory.resolve(name);
        if (!Files.isRegularFile(file)) {
            throw damaged(name, "is missing");
        }
        if (Files.size(file) > MAX_FILE) {
            throw damaged(name, "is " + Files.size(file) + " bytes (expected: at most " + MAX_FILE + ")");
        }
        String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        try (PemReader reader = new PemReader(new StringReader(text))) {
            PemObject object = reader.readPemObject();
            if (object != null && object.getType().equals(type)) {
                return object.getContent();
            }
        } catch (IOException | RuntimeException e) {
            // Bouncy Castle reports broken base64 by an unchecked exception that quotes it; this may be a key.
        }
        throw damaged(name, "is not PEM (expected: BEGIN " + type + ")");
    }

    private void signedBy(String name, X509Certificate certificate, X509Certificate authority) throws IOException {
        try {
            certificate.verify(authority.getPublicKey());
        } catch (GeneralSecurityException e) {
            throw damaged(name, "is not signed by " + AUTHORITY_CERTIFICATE, e);
        }
    }

    private void pair(String keyName, PrivateKey key, String certificateName, X509Certificate certificate)
            throws IOException {
        byte[] probe = "which pair?".getBytes(StandardCharsets.US_ASCII);
        boolean fits;
        try {
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(key);
            signature.update(probe);
            byte[] signed = signature.sign();
            signature.initVerify(certificate.getPublicKey());
            signature.update(probe);
            fits = signature.verify(signed);
        } catch (GeneralSecurityException e) {
            throw damaged(keyName, "cannot be used with " + certificateName, e);
        }
        if (!fits) {
            throw damaged(keyName, "is not the key of " + certificateName);
        }
    }

    private DamagedIdentityException damaged(String name, String what) {
        return new DamagedIdentityException(message(name, what));
    }

    private DamagedIdentityException damaged(String name, String what, Throwable cause) {
        return new DamagedIdentityException(message(name, what), cause);
    }

    private String message(String name, String what) {
        return directory.resolve(name) + " " + what + ": restore " + directory
                + " from a backup, or move it away to start over with a new identity, which makes every join token invalid";
    }

    private static void write(Path file, String text, String permissions) throws IOException {
        try (FileChannel channel = FileChannel.open(
                file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), rights(file, permissions))) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
    }

    /** Rights from the first moment on; a file system that knows no such rights protects by other means. */
    private static FileAttribute<?>[] rights(Path file, String permissions) {
        boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
        return posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }

    /** Makes names durable, where a directory can be opened at all. */
    private static void sync(Path directory) throws IOException {
        if (directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    private static String pem(X509Certificate certificate) throws IOException {
        try {
            return pem(CERTIFICATE_TYPE, certificate.getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IOException("certificate could not be encoded", e);
        }
    }

    private static String pem(String type, byte[] der) throws IOException {
        StringWriter text = new StringWriter();
        try (PemWriter writer = new PemWriter(text)) {
            writer.writeObject(new PemObject(type, der));
        }
        return text.toString();
    }
}
