package io.culvert.web.contract;

import io.vertx.core.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * A step of the build: writes the contract down once more, as JSON. People write YAML, and reading 136 KB of it took a server that had just started a
 * third of a second of processor.
 */
final class ContractAsJson {
    private ContractAsJson() {}

    /**
     * Makes one file of another.
     *
     * @param args the YAML file that is there, and the JSON file to write
     * @throws IOException where either cannot be read or written
     */
    public static void main(String[] args) throws IOException {
        Object tree = new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(Path.of(args[0])));
        Files.writeString(Path.of(args[1]), Json.encode(tree));
    }
}
