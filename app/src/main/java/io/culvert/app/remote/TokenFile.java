package io.culvert.app.remote;

import io.culvert.app.config.ValueType;
import io.culvert.app.process.CommandFailure;
import io.culvert.app.process.ExitCode;
import io.culvert.app.process.PrivateFiles;
import io.culvert.app.process.Reasons;
import io.culvert.client.CreatedTunnel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;

/** Where a join token goes: into a file that nobody else can read, or to standard output, once. Immutable, any thread. */
record TokenFile(Optional<Path> file) {
    /** Where to. */
    static final Option<Path> OPTION = Option.of(
            "token-file",
            ValueType.PATH,
            "Write the join token there, readable by this user alone; else it is printed, this once.");

    static TokenFile read(Words words) {
        return new TokenFile(file(words, OPTION));
    }

    /** A file that a secret goes into; told before something is made whose secret could be kept nowhere. */
    static Optional<Path> file(Words words, Option<Path> option) {
        Optional<Path> file = words.find(option);
        file.filter(path -> !isWritable(path))
                .ifPresent(path -> words.fault("flag --" + option.name() + ": '" + path
                        + "' (expected: a file in a directory that is there and can be written; no link, no device)"));
        return file;
    }

    private static boolean isWritable(Path path) {
        Path directory = path.toAbsolutePath().getParent();
        return directory != null
                && Files.isDirectory(directory)
                && Files.isWritable(directory)
                // It is replaced: /dev/null would be for everybody.
                && (Files.notExists(path, LinkOption.NOFOLLOW_LINKS)
                        || Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS));
    }

    /** Keeps the token, and says the tunnel: the token is in what is said only where no file has it. */
    void say(CreatedTunnel created, Output output) throws CommandFailure {
        long id = created.tunnel().id();
        String otherwise = "tunnel " + id + " is there, and 'culvert tunnel rotate-token " + id + "' makes a new token";
        boolean kept = file.isPresent() && created.join().isPresent();
        if (kept) {
            try {
                PrivateFiles.write(file.get(), created.join().get() + "\n");
            } catch (IOException e) {
                throw new CommandFailure(ExitCode.FAILURE, file.get() + ": " + Reasons.of(e) + "; " + otherwise, e);
            }
        }
        if (!output.forPeople()) {
            output.document(
                    file.isPresent()
                            ? Secrets.without("join", created.tunnel().document())
                            : created.tunnel().document().json());
        } else if (kept) {
            output.line("  token      in " + file.get());
        } else {
            output.line("  token      " + created.join().orElse("none: the tunnel has ended"));
        }
        output.deliver(kept ? "the token of tunnel " + id + " is in " + file.get() : otherwise);
    }
}
