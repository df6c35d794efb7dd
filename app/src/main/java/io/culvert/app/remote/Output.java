package io.culvert.app.remote;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.culvert.app.process.CommandFailure;
import io.culvert.app.process.Console;
import io.culvert.app.process.Terminal;
import io.culvert.client.Document;
import java.util.List;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;

/**
 * What a call was asked for, in the way that was asked for: a table for people, or the server's documents. JSON is one document on one
 * line; YAML begins each with {@code ---}. One thread.
 */
final class Output {
    /** How it is said. */
    static final Option<String> FORMAT = Option.word(
            "output", "How to say it: a table for people, or the server's own documents.", "table", "json", "yaml");

    private final ObjectMapper mapper = new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);
    private final Console console;
    private final String format;

    Output(Console console, String format) {
        this.console = console;
        this.format = format;
    }

    /** True where a person reads. */
    boolean forPeople() {
        return format.equals("table");
    }

    /** What standard output leads to. */
    Terminal terminal() {
        return console.terminal().get();
    }

    /** Says a document, where nobody asked for a table. */
    void document(Document document) {
        document(document.json());
    }

    /** Says documents as one, as the API does: {@code {"ports": […]}}. */
    void documents(String name, List<Document> documents) {
        document(documents.stream().map(Document::json).collect(Collectors.joining(",", "{\"" + name + "\":[", "]}")));
    }

    void document(String json) {
        console.out().print(format.equals("yaml") ? yaml(json) : json + "\n");
        flush();
    }

    /** Says a table, or where it is empty, that there is none. */
    void table(Table table, String otherwise) {
        if (table.isEmpty()) {
            note(otherwise);
        } else {
            Terminal terminal = terminal();
            table.lines(terminal).forEach(this::line);
        }
    }

    /** Says a line. */
    void line(String line) {
        console.out().println(line);
    }

    /** Says something on the side: it does not belong to what was asked for. */
    void note(String line) {
        console.err().println(line);
    }

    /** Brings it to whoever reads, now. */
    void flush() {
        console.out().flush();
    }

    /**
     * The same for what the server tells once.
     *
     * @param otherwise what a person should know where it did not come there
     */
    void deliver(String otherwise) throws CommandFailure {
        try {
            console.deliver();
        } catch (CommandFailure e) {
            throw new CommandFailure(e.exitCode(), e.getMessage() + "; " + otherwise, e);
        }
    }

    /** Rewrites the line at the cursor of a terminal. */
    void status(String line) {
        console.out().print("\r\u001b[K" + line);
        flush();
    }

    private String yaml(String json) {
        DumperOptions options = new DumperOptions();
        options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
        options.setExplicitStart(true);
        options.setAllowUnicode(true);
        options.setWidth(120);
        try {
            return new Yaml(options).dump(mapper.readValue(json, Object.class));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a document that was read is no JSON", e);
        }
    }
}
