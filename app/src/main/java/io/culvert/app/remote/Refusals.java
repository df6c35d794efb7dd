package io.culvert.app.remote;

import io.culvert.app.process.CommandFailure;
import io.culvert.app.process.ExitCode;
import io.culvert.app.process.Humane;
import io.culvert.app.process.Reasons;
import io.culvert.client.CulvertApiException;
import io.culvert.client.Problem;
import java.io.IOException;
import java.net.URI;
import java.util.stream.Collectors;

/** What goes wrong with a server, in words and exit codes. Any thread. */
final class Refusals {
    private Refusals() {}

    /** Where the server said no. */
    static CommandFailure of(CulvertApiException refusal) {
        String hint = refusal.status() == 401
                ? " (give it an API key by --key-file, or once for all by 'culvert login')"
                : refusal.retryAfter()
                        .map(wait -> "; try again in " + Humane.time(wait))
                        .orElse("");
        return new CommandFailure(code(refusal), words(refusal) + hint, refusal);
    }

    /** Where it did not answer, or not as agreed. */
    static CommandFailure of(IOException failure, URI server) {
        String hint = server.equals(Profile.HERE)
                ? " (is it another one that you mean? Name it by --server, or once for all by 'culvert login')"
                : "";
        return new CommandFailure(ExitCode.FAILURE, "server " + server + ": " + Reasons.of(failure) + hint, failure);
    }

    /** The exit code of a refusal. */
    static int code(CulvertApiException refusal) {
        return refusal.status() >= 500 ? ExitCode.FAILURE : ExitCode.REFUSED;
    }

    /** All that the server found, on one line. */
    static String words(CulvertApiException refusal) {
        return words(refusal.problem());
    }

    /** The same of one of many. */
    static String words(Problem problem) {
        String all = problem.errors().stream()
                .map(flaw -> flaw.field()
                        + flaw.value().map(value -> ": '" + value + "'").orElse("") + " (expected: " + flaw.expected()
                        + ")")
                .collect(Collectors.joining("; "));
        String said = problem.detail().isEmpty() ? problem.title() : problem.detail();
        // With several flaws the detail tells of the first.
        return Humane.plain(problem.errors().size() > 1 ? all : said);
    }
}
