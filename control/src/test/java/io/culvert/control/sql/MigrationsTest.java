package io.culvert.control.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MigrationsTest {
    @ParameterizedTest
    @EnumSource
    void noScriptIsForgottenAndNoneIsLeftOut(Dialect dialect) throws IOException, URISyntaxException {
        List<String> named = dialect.migrations();
        Path directory = Path.of(Layout.class.getResource("migration").toURI());
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsAll(named)
                    .allMatch(file -> Stream.of(Dialect.values())
                            .anyMatch(each -> each.migrations().contains(file)));
        }
        assertThat(named.stream().map(Migrations::version))
                .containsExactlyElementsOf(IntStream.rangeClosed(1, named.size())
                        .mapToObj(String::valueOf)
                        .toList());
    }
}
