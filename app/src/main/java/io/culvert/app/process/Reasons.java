package io.culvert.app.process;

import java.net.BindException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.util.Optional;
import javax.net.ssl.SSLException;

/** Exceptions in words for a person. Any thread. */
public final class Reasons {
    private Reasons() {}

    /** One line that says what went wrong; a cause that has plain words of its own speaks for what was wrapped around it. */
    public static String of(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            Optional<String> words = words(cause);
            if (words.isPresent()) {
                return words.get();
            }
        }
        return Optional.ofNullable(failure.getMessage())
                .filter(message -> !message.isBlank())
                .orElse(failure.getClass().getSimpleName());
    }

    private static Optional<String> words(Throwable failure) {
        // The system's own words: not every transport throws a BindException.
        String told = String.valueOf(failure.getMessage());
        if (told.contains("Address already in use")) {
            return Optional.of("is taken: another process listens there");
        }
        if (told.contains("Cannot assign requested address")) {
            return Optional.of("is no address of this machine");
        }
        if (failure instanceof BindException || told.contains("Permission denied")) {
            return Optional.of("is not given to this user: " + told);
        }
        if (failure instanceof ConnectException) {
            return Optional.of("nobody answers there");
        }
        if (failure instanceof UnknownHostException) {
            return Optional.of("unknown host " + failure.getMessage());
        }
        if (failure instanceof HttpTimeoutException) {
            return Optional.of("no answer in time");
        }
        if (failure instanceof SSLException) {
            return Optional.of(
                    told.contains("PKIX path")
                            ? "its certificate is of no authority that is trusted here"
                            : "no TLS with it: " + told);
        }
        if (failure instanceof AccessDeniedException denied) {
            return Optional.of("no permission for " + denied.getFile());
        }
        if (failure instanceof FileSystemException file && file.getReason() == null) {
            return Optional.of(file.getClass().getSimpleName() + " " + file.getFile());
        }
        return Optional.empty();
    }
}
