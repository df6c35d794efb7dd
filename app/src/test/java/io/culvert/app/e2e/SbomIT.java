package io.culvert.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The bill of materials in culvert.jar names what culvert.jar holds. */
class SbomIT {
    // BoringSSL for Windows is a dependency, and left out of the jar.
    private static final String LEFT_OUT = "windows";

    @Test
    void theBillNamesEveryJarThatAClassComesFromAndNoOther() throws IOException {
        try (JarFile culvert = new JarFile(System.getProperty("culvert.jar"))) {
            Set<String> named = named(culvert);
            assertThat(named).anyMatch(name -> name.startsWith("netty-handler-"));
            Map<String, Set<String>> classPath = classPath();
            Set<String> held = entries(culvert);

            Set<String> told = named.stream()
                    .filter(classPath::containsKey)
                    .flatMap(name -> classPath.getOrDefault(name, Set.of()).stream())
                    .collect(Collectors.toSet());
            assertThat(held.stream()
                            .filter(entry -> entry.endsWith(".class") && !entry.startsWith("io/culvert/app/"))
                            .filter(entry -> !told.contains(entry)))
                    .as("classes that come from a library that is not named")
                    .isEmpty();
            assertThat(named.stream()
                            .filter(name -> !name.contains(LEFT_OUT))
                            .filter(name ->
                                    !isHeld(classPath.getOrDefault(name, Set.of("not on the class path")), held)))
                    .as("libraries that are named and not held")
                    .isEmpty();
        }
    }

    /** A jar of nothing but licences (BoringSSL has one that leads to its native ones) is held by holding nothing of it. */
    private static boolean isHeld(Set<String> entries, Set<String> held) {
        return entries.isEmpty() || entries.stream().anyMatch(held::contains);
    }

    /** As the files of the local repository are called. */
    private static Set<String> named(JarFile culvert) throws IOException {
        Set<String> names = new TreeSet<>();
        try (InputStream bill = culvert.getInputStream(culvert.getJarEntry("META-INF/sbom/culvert.cdx.json"))) {
            JsonNode document = new ObjectMapper().readTree(bill);
            assertThat(document.path("bomFormat").asText()).isEqualTo("CycloneDX");
            for (JsonNode each : document.path("components")) {
                String purl = each.path("purl").asText();
                String classifier =
                        purl.contains("classifier=") ? purl.replaceAll(".*classifier=([^&]+).*", "-$1") : "";
                names.add(
                        each.path("name").asText() + "-" + each.path("version").asText() + classifier + ".jar");
            }
        }
        return names;
    }

    private static Map<String, Set<String>> classPath() throws IOException {
        Map<String, Set<String>> jars = new TreeMap<>();
        for (String each : Arrays.asList(System.getProperty("java.class.path").split(File.pathSeparator, -1))) {
            if (each.endsWith(".jar")) {
                try (JarFile jar = new JarFile(each)) {
                    jars.put(String.valueOf(Path.of(each).getFileName()), entries(jar));
                }
            }
        }
        return jars;
    }

    private static Set<String> entries(JarFile jar) {
        // What each jar has says nothing of where it comes from.
        return jar.stream()
                .filter(entry -> !entry.isDirectory())
                .map(entry -> entry.getName())
                // A merged jar is no module.
                .filter(name -> !name.endsWith("module-info.class"))
                .filter(name -> !name.startsWith("META-INF/")
                        || name.startsWith("META-INF/versions/")
                        || name.startsWith("META-INF/resources/")
                        || name.startsWith("META-INF/native/"))
                .collect(Collectors.toSet());
    }
}
