package io.culvert.app.remote;

import io.culvert.app.config.ValueType;
import io.culvert.app.process.CommandFailure;
import io.culvert.app.process.ExitCode;
import io.culvert.app.process.PrivateFiles;
import io.culvert.app.process.Reasons;
import io.culvert.client.Document;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where a secret goes that the server tells once: into a file that nobody else can read, or to standard output. Immutable, any thread.
 *
 * @param file empty for standard output
 */
record SecretOut(Optional<Path> file) {
    /** Where a key or a password goes. */
    static final Option<Path> OPTION = Option.of(
            "secret-file",
            ValueType.PATH,
            "Write the secret there, readable by this user alone; else it is printed, this once.");

    /**
     * What was told.
     *
     * @param name of the secret's field in the document
     */
    record Told(String name, String secret, Document document) {
        /** Without the secret. */
        @Override
        public String toString() {
            return "Told[name=" + name + ", secret=MASKED]";
        }
    }

    static SecretOut read(Words words, Option<Path> option) {
        return new SecretOut(TokenFile.file(words, option));
    }

    /**
     * Keeps the secret and says what it is of.
     *
     * @param what it belongs to, for people
     * @param undo the command to give where the secret could not be written
     */
    int say(Told told, String what, String undo, Output output) throws CommandFailure {
        String otherwise = what + " is there, and '" + undo + "' ends it";
        if (file.isPresent()) {
            try {
                PrivateFiles.write(file.get(), told.secret() + "\n");
            } catch (IOException e) {
                throw new CommandFailure(ExitCode.FAILURE, file.get() + ": " + Reasons.of(e) + "; " + otherwise, e);
            }
        }
        if (!output.forPeople()) {
            output.document(
                    file.isPresent()
                            ? Secrets.without(told.name(), told.document())
                            : told.document().json());
        } else if (file.isPresent()) {
            output.line(what + ", in " + file.get());
        } else {
            output.line(what);
            output.line(told.secret());
        }
        output.deliver(file.isPresent() ? what + " is there, its secret in " + file.get() : otherwise);
        return ExitCode.OK;
    }
}
