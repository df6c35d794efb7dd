package io.culvert.app.remote;

import io.culvert.app.process.CommandFailure;
import io.culvert.app.process.ExitCode;
import io.culvert.client.CulvertApiException;
import java.io.IOException;
import java.util.List;

/**
 * One thing after the other: what is refused is told and keeps none of the others. The exit code is that of the first that was not done.
 * One thread.
 */
final class Several {
    private final Output output;
    private int exitCode = ExitCode.OK;

    Several(Output output) {
        this.output = output;
    }

    /** What is done for each word. */
    interface Work {
        void on(String word) throws IOException, CommandFailure;
    }

    /** Does it for each. A server that does not answer ends it. With one word a refusal is the command's own. */
    int each(List<String> words, Work work) throws IOException, CommandFailure {
        for (String word : words) {
            try {
                work.on(word);
            } catch (CulvertApiException e) {
                if (words.size() == 1 || e.status() == 401) {
                    throw e;
                }
                failed(word + ": " + Refusals.words(e), Refusals.code(e));
            } catch (CommandFailure e) {
                if (words.size() == 1) {
                    throw e;
                }
                failed(String.valueOf(e.getMessage()), e.exitCode());
            }
        }
        return exitCode;
    }

    /** Tells of one that was not done. */
    void failed(String what, int code) {
        output.note(what);
        exitCode = exitCode == ExitCode.OK ? code : exitCode;
    }

    int exitCode() {
        return exitCode;
    }
}
