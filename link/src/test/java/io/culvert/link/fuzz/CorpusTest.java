package io.culvert.link.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every input that was kept, and some thousand that are one step away from it; a seed makes them the same in each run. */
class CorpusTest {
    private static final int NEIGHBOURS = 200;

    private static final Map<String, Consumer<byte[]>> TARGETS = new TreeMap<>(Map.of(
            "PrefaceFuzz", PrefaceFuzz::fuzzerTestOneInput,
            "GoproxyHeadFuzz", GoproxyHeadFuzz::fuzzerTestOneInput,
            "DatagramFuzz", DatagramFuzz::fuzzerTestOneInput,
            "OwnDatagramFuzz", OwnDatagramFuzz::fuzzerTestOneInput,
            "MessageFuzz", MessageFuzz::fuzzerTestOneInput,
            "YamuxFuzz", YamuxFuzz::fuzzerTestOneInput,
            "SnappyFuzz", SnappyFuzz::fuzzerTestOneInput));

    static Stream<String> targets() {
        return TARGETS.keySet().stream();
    }

    private static List<Path> corpus(String target) throws IOException, URISyntaxException {
        URL inputs = Objects.requireNonNull(CorpusTest.class.getResource(target + "Inputs"), target);
        try (Stream<Path> files = Files.list(Path.of(inputs.toURI()))) {
            return files.sorted().toList();
        }
    }

    @Test
    void everyTargetIsTried() throws IOException {
        try (Stream<Path> sources = Files.list(Path.of("src/test/java/io/culvert/link/fuzz"))) {
            assertThat(sources.map(each -> each.getFileName().toString())
                            .filter(each -> each.endsWith("Fuzz.java"))
                            .map(each -> each.replace(".java", "")))
                    .containsExactlyInAnyOrderElementsOf(TARGETS.keySet());
        }
    }

    @ParameterizedTest
    @MethodSource("targets")
    void whatWasKeptAndItsNeighbours(String target) throws Exception {
        Consumer<byte[]> check = Objects.requireNonNull(TARGETS.get(target));
        Random random = new Random(target.hashCode());
        List<Path> corpus = corpus(target);
        assertThat(corpus).isNotEmpty();
        for (Path each : corpus) {
            byte[] input = Files.readAllBytes(each);
            check.accept(input);
            for (int i = 0; i < NEIGHBOURS && input.length > 0; i++) {
                byte[] neighbour = input.clone();
                for (int changes = random.nextInt(4); changes >= 0; changes--) {
                    neighbour[random.nextInt(neighbour.length)] = (byte) random.nextInt();
                }
                check.accept(neighbour);
            }
        }
    }
}
