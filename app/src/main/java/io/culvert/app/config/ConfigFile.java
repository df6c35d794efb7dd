package io.culvert.app.config;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * The YAML file: the server's settings at its top, those of {@code agent} and {@code expose} in sections of that name. Values are
 * taken as they are written (YAML's own idea of {@code 8000:30} or {@code yes} never comes in); unknown keys and keys that stand
 * twice are faults. Immutable, any thread.
 */
final class ConfigFile {
    private static final int MOST_BYTES = 1 << 20;

    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final List<String> faults = new ArrayList<>();
    private final Path path;
    private final Map<String, Setting<?>> known;

    /** @param origin where the value stands, for messages */
    record Entry(String origin, List<String> texts) {}

    private ConfigFile(Path path, Map<String, Setting<?>> known) {
        this.path = path;
        this.known = known;
    }

    /** Reads a file; what is wrong with it is told by {@link #faults}. */
    static ConfigFile read(Path path) {
        Map<String, Setting<?>> known = new LinkedHashMap<>();
        for (Setting.Section section : Setting.Section.values()) {
            section.settings().forEach(setting -> known.put(setting.key(), setting));
        }
        ConfigFile file = new ConfigFile(path, known);
        file.load();
        return file;
    }

    /** Values by key. */
    Optional<Entry> find(String key) {
        return Optional.ofNullable(entries.get(key));
    }

    /** Everything wrong with the file itself; the values are judged by whoever reads them. */
    List<String> faults() {
        return List.copyOf(faults);
    }

    private void load() {
        try {
            if (Files.size(path) > MOST_BYTES) {
                fault("", "more than 1 MiB", "a configuration file");
                return;
            }
            String text = Files.readString(path);
            Node root = new Yaml(new LoaderOptions()).compose(new StringReader(text));
            if (root instanceof MappingNode mapping) {
                readMapping("", mapping);
            } else if (root != null) {
                faults.add(at(root) + ": not a list of settings (expected: lines like http: 127.0.0.1:8000)");
            }
        } catch (NoSuchFileException e) {
            fault("", "no such file", "a configuration file");
        } catch (CharacterCodingException e) {
            fault("", "not UTF-8", "a text file in UTF-8");
        } catch (IOException e) {
            fault("", "cannot be read: " + e.getMessage(), "a readable file");
        } catch (MarkedYAMLException e) {
            String where = e.getProblemMark() == null
                    ? ""
                    : " line " + (e.getProblemMark().getLine() + 1);
            fault(where, String.valueOf(e.getProblem()), "YAML");
        } catch (YAMLException e) {
            fault("", String.valueOf(e.getMessage()).lines().findFirst().orElse("damaged"), "YAML");
        }
    }

    private void fault(String where, String what, String expected) {
        faults.add("file " + path + where + ": " + what + " (expected: " + expected + ")");
    }

    private void readMapping(String prefix, MappingNode mapping) {
        for (NodeTuple tuple : mapping.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode keyNode)) {
                faults.add(at(tuple.getKeyNode()) + ": a key that is no word (expected: " + expectedKeys(prefix) + ")");
                continue;
            }
            String key = prefix + keyNode.getValue();
            Node value = tuple.getValueNode();
            Setting<?> setting = known.get(key);
            if (setting != null) {
                readValue(setting, keyNode, value);
            } else if (prefix.isEmpty() && isSection(key)) {
                if (value instanceof MappingNode section) {
                    readMapping(key + ".", section);
                } else {
                    faults.add(at(keyNode) + " " + key + ": no settings in it (expected: " + expectedKeys(key + ".")
                            + ")");
                }
            } else {
                faults.add(at(keyNode) + ": '" + key + "' (expected: " + expectedKeys(prefix) + ")");
            }
        }
    }

    private void readValue(Setting<?> setting, ScalarNode keyNode, Node value) {
        String origin = at(keyNode) + " " + setting.key();
        Entry earlier = entries.get(setting.key());
        if (earlier != null) {
            faults.add(origin + ": stands there twice (expected: once)");
            return;
        }
        List<String> texts = new ArrayList<>();
        boolean readable;
        if (value instanceof SequenceNode list && setting.many()) {
            // An empty list of what is allowed would allow everything: it is no value.
            readable = !list.getValue().isEmpty();
            for (Node item : list.getValue()) {
                readable &= item instanceof ScalarNode scalar && isText(scalar) && texts.add(scalar.getValue());
            }
        } else {
            readable = value instanceof ScalarNode scalar && isText(scalar) && texts.add(scalar.getValue());
        }
        if (!readable) {
            faults.add(origin + ": no value (expected: " + setting.type().expected() + ")");
        }
        entries.put(setting.key(), new Entry(origin, texts));
    }

    private static boolean isText(ScalarNode scalar) {
        return !Tag.NULL.equals(scalar.getTag());
    }

    private boolean isSection(String key) {
        return known.keySet().stream().anyMatch(name -> name.startsWith(key + "."));
    }

    private String expectedKeys(String prefix) {
        return known.keySet().stream()
                .filter(key -> key.startsWith(prefix))
                .map(key -> key.substring(prefix.length()))
                .map(key -> key.indexOf('.') < 0 ? key : key.substring(0, key.indexOf('.')))
                .collect(Collectors.collectingAndThen(
                        Collectors.toCollection(TreeSet::new), names -> "one of " + String.join(", ", names)));
    }

    private String at(Node node) {
        return "file " + path + " line " + (node.getStartMark().getLine() + 1);
    }
}
