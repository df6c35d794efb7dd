package io.culvert.app;

import io.culvert.app.config.ServerConfig;
import io.culvert.gateway.identity.SharedCertificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the pair that all goproxy clients of an installation share: where the configuration says, else where the original tunnel server
 * had it. Waits for the disk. Any thread.
 */
final class CommonCertificate {
    private static final Logger LOG = LoggerFactory.getLogger(CommonCertificate.class);
    /** The second one is the seed's own spelling. */
    private static final List<String> DIRECTORIES = List.of("certification", "cerfitication");

    private CommonCertificate() {}

    /** The two files that a server with this configuration uses; nothing is read yet. */
    record Pair(Path certificate, Path key) {
        boolean bothExist() {
            return Files.exists(certificate) && Files.exists(key);
        }

        boolean oneExists() {
            return Files.exists(certificate) != Files.exists(key);
        }

        @Override
        public String toString() {
            return certificate + " and " + key;
        }
    }

    /**
     * Which files to use: those that are named, else the first pair that is there; empty where tunnels' bridge ports show the server's
     * own certificate.
     *
     * @param workingDirectory where the process was started
     */
    static Optional<Pair> find(ServerConfig config, Path workingDirectory) {
        if (config.bridgeCert().isPresent() && config.bridgeKey().isPresent()) {
            return Optional.of(
                    new Pair(config.bridgeCert().get(), config.bridgeKey().get()));
        }
        Path besideData = Optional.ofNullable(
                        config.data().toAbsolutePath().normalize().getParent())
                .orElse(workingDirectory);
        List<Pair> places = Stream.of(workingDirectory, besideData)
                .distinct()
                .flatMap(base -> DIRECTORIES.stream().map(base::resolve))
                .map(directory -> new Pair(directory.resolve("proxy.crt"), directory.resolve("proxy.key")))
                .toList();
        places.stream()
                .filter(Pair::oneExists)
                .forEach(half -> LOG.warn("{}: only one of the two is there, so they are not used", half));
        return places.stream().filter(Pair::bothExist).findFirst();
    }

    /** Reads the pair and says so. */
    static SharedCertificate load(Pair files) throws IOException {
        SharedCertificate loaded = SharedCertificate.load(files.certificate(), files.key());
        LOG.info(
                "bridge ports of tunnels show the common certificate {} of {}, valid until {}",
                loaded.leaf().getSubjectX500Principal(),
                files.certificate(),
                loaded.leaf().getNotAfter().toInstant());
        return loaded;
    }
}
