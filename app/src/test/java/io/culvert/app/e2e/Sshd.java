package io.culvert.app.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A real OpenSSH server, with keys and configuration of its own, that lets in the user who runs the tests; and commands of a client
 * that knows it by its host key, whatever address leads to it. Any thread.
 */
final class Sshd {
    private static final String ALIAS = "inside";

    private final World world;
    private final Path directory;
    private final int port;

    private Sshd(World world, Path directory, int port) {
        this.world = world;
        this.directory = directory;
        this.port = port;
    }

    static Sshd start(World world) throws IOException {
        String sshd = World.tool("sshd", "openssh-server");
        Path directory = Files.createDirectory(world.directory().resolve("ssh"));
        Path hostKey = newKey(world, directory.resolve("host_key"));
        Path userKey = newKey(world, directory.resolve("user_key"));
        Path authorized = Files.copy(Path.of(userKey + ".pub"), directory.resolve("authorized_keys"));
        Files.writeString(directory.resolve("known_hosts"), ALIAS + " " + Files.readString(Path.of(hostKey + ".pub")));
        Path config = Files.writeString(
                directory.resolve("sshd_config"),
                String.join(
                        "\n",
                        List.of(
                                "ListenAddress 127.0.0.1",
                                "HostKey " + hostKey,
                                "AuthorizedKeysFile " + authorized,
                                "PidFile none",
                                "UsePAM no",
                                "PasswordAuthentication no",
                                "PermitRootLogin prohibit-password",
                                // The test's directory lies in /tmp, which others may write to.
                                "StrictModes no",
                                "Subsystem sftp internal-sftp",
                                "")));
        if (System.getProperty("user.name").equals("root")) {
            // Where no service manager has started sshd yet, its own directory is missing.
            Files.createDirectories(Path.of("/run/sshd"));
        }
        int port = world.onFreePort(candidate -> listen(world, sshd, config, candidate))
                .orElseThrow(() -> new AssertionError("sshd found no port"));
        return new Sshd(world, directory, port);
    }

    private static Optional<Integer> listen(World world, String sshd, Path config, int port) {
        Program program = world.program(
                "sshd", Map.of(), List.of(sshd, "-D", "-e", "-f", config.toString(), "-p", String.valueOf(port)));
        return world.unlessTaken(program, line -> line.startsWith("Server listening on"), line -> port);
    }

    private static Path newKey(World world, Path file) {
        Program keygen = world.program(
                "ssh-keygen",
                Map.of(),
                List.of(
                        World.tool("ssh-keygen", "openssh-client"),
                        "-q",
                        "-t",
                        "ed25519",
                        "-N",
                        "",
                        "-f",
                        file.toString()));
        if (keygen.exit() != 0) {
            throw new AssertionError(keygen.report());
        }
        return file;
    }

    int port() {
        return port;
    }

    /** Runs a command there, reached by some port, and waits for its end. */
    Program ssh(int by, Path input, String command) {
        List<String> words = new ArrayList<>(List.of(World.tool("ssh", "openssh-client"), "-p", String.valueOf(by)));
        words.addAll(options());
        words.addAll(List.of("127.0.0.1", command));
        return done(world.program("ssh", Map.of(), input, words));
    }

    /** Copies a file there, reached by some port. */
    void copyTo(int by, Path from, Path to) {
        scp(by, from.toString(), "127.0.0.1:" + to);
    }

    /** Copies a file from there, reached by some port. */
    void copyFrom(int by, Path from, Path to) {
        scp(by, "127.0.0.1:" + from, to.toString());
    }

    private void scp(int by, String from, String to) {
        List<String> words = new ArrayList<>(List.of(World.tool("scp", "openssh-client"), "-P", String.valueOf(by)));
        words.addAll(options());
        words.addAll(List.of(from, to));
        done(world.program("scp", Map.of(), words));
    }

    private List<String> options() {
        return List.of(
                "-F",
                "/dev/null",
                "-i",
                directory.resolve("user_key").toString(),
                "-o",
                "BatchMode=yes",
                "-o",
                "IdentitiesOnly=yes",
                "-o",
                "HostKeyAlias=" + ALIAS,
                "-o",
                "StrictHostKeyChecking=yes",
                "-o",
                "UserKnownHostsFile=" + directory.resolve("known_hosts"));
    }

    private static Program done(Program program) {
        int exit = program.exit();
        if (exit != 0) {
            throw new UncheckedIOException(new IOException("exit code " + exit + "\n" + program.report()));
        }
        return program;
    }
}
