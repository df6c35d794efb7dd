package io.culvert.bench.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A library in the jar. Immutable, any thread.
 *
 * @param name as {@code group:artifact}
 */
record Component(String name, String version) {
    private static final Pattern PURL = Pattern.compile("pkg:maven/([^/@?]+)/([^/@?]+)@([^@?]+)(\\?.*)?");

    /**
     * All that a bill of materials (CycloneDX, JSON) names, each once whatever its classifier, and without our own modules.
     *
     * @throws IOException where it cannot be read, names nothing, or something that is no Maven library
     */
    static List<Component> of(Path sbom) throws IOException {
        JsonNode components;
        try {
            components = new ObjectMapper().readTree(Files.readString(sbom)).path("components");
        } catch (JsonProcessingException e) {
            throw new IOException(sbom + ": no JSON (expected: a bill of materials by CycloneDX)", e);
        }
        TreeSet<String> names = new TreeSet<>();
        for (JsonNode each : components) {
            Matcher purl = PURL.matcher(each.path("purl").asText());
            if (!purl.matches()) {
                throw new IOException(
                        sbom + ": '" + each.path("purl").asText() + "' (expected: pkg:maven/GROUP/NAME@VERSION)");
            }
            if (!purl.group(1).equals("io.culvert")) {
                names.add(purl.group(1) + ":" + purl.group(2) + "@" + purl.group(3));
            }
        }
        if (names.isEmpty()) {
            throw new IOException(sbom + ": names no library (expected: those of culvert.jar)");
        }
        return names.stream()
                .map(text -> text.split("@", 2))
                .map(parts -> new Component(parts[0], parts[1]))
                .toList();
    }

    /** As a package URL without qualifiers, as vulnerability databases know it. */
    String purl() {
        return "pkg:maven/" + name.replace(':', '/') + "@" + version;
    }

    @Override
    public String toString() {
        return name + " " + version;
    }
}
