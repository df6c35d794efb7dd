package io.culvert.app.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What standard output leads to. Immutable, any thread.
 *
 * @param present false where it is a file or a pipe
 * @param width columns; {@link Integer#MAX_VALUE} where nothing has to fit
 * @param colours true where a person may want them
 */
public record Terminal(boolean present, int width, boolean colours) {
    /** A file or a pipe. */
    public static final Terminal NONE = new Terminal(false, Integer.MAX_VALUE, false);

    private static final Pattern SIZE = Pattern.compile("\\d+ (\\d+)\\s*");
    private static final int NARROWEST = 40;
    private static final int USUAL = 80;

    /** Asks the system: Java does not know how wide a terminal is. */
    static Terminal ask(Map<String, String> environment) {
        try {
            Process stty = new ProcessBuilder("sh", "-c", "[ -t 1 ] && stty size <&1 >&2")
                    .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                    .start();
            String said = new String(stty.getErrorStream().readNBytes(100), StandardCharsets.US_ASCII);
            if (!stty.waitFor(1, TimeUnit.SECONDS)) {
                stty.destroyForcibly();
                return NONE;
            }
            return stty.exitValue() == 0 ? of(said, environment) : NONE;
        } catch (IOException e) {
            return NONE; // no shell: no Unix, or a very small one
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return NONE;
        }
    }

    /**
     * Asks a person for a secret, without an echo; empty where standard input or output is no terminal.
     *
     * @param prompt what stands in front
     */
    public static Optional<String> secret(String prompt) {
        try {
            // A Console of newer Java is there also where no person is.
            Process test = new ProcessBuilder("sh", "-c", "[ -t 0 ] && [ -t 1 ]")
                    .inheritIO()
                    .start();
            if (test.waitFor() != 0) {
                return Optional.empty();
            }
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
        return Optional.ofNullable(System.console())
                .map(person -> person.readPassword("%s", prompt))
                .map(String::new);
    }

    private static Terminal of(String size, Map<String, String> environment) {
        Matcher matcher = SIZE.matcher(size);
        int width = matcher.matches() ? Integer.parseInt(matcher.group(1)) : 0;
        boolean plain = !environment.getOrDefault("NO_COLOR", "").isEmpty()
                || environment.getOrDefault("TERM", "dumb").equals("dumb");
        return new Terminal(true, width < NARROWEST ? USUAL : width, !plain);
    }
}
