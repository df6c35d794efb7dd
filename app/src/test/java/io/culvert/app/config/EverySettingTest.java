package io.culvert.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each setting of each command, from each source: the declaration is the only thing that knows their names. */
class EverySettingTest {
    /** Two good texts of each type, different from each other and from every default, and a bad one. */
    private static final Map<ValueType<?>, List<String>> TEXTS = Map.ofEntries(
            Map.entry(ValueType.SWITCH, List.of("true", "false", "maybe")),
            Map.entry(ValueType.TLS, List.of("self", "off", "on")),
            Map.entry(ValueType.BLOCK, List.of("10.0.0.0/8", "fd00::/8", "10.0.0.0/33")),
            Map.entry(ValueType.WORD, List.of("word", "another", "two words")),
            Map.entry(ValueType.GROUP, List.of("ops=admin", "a=b=default:member", "ops=king")),
            Map.entry(ValueType.LISTEN, List.of("127.0.0.9:1", "[::1]:2", "nowhere")),
            Map.entry(ValueType.REMOTE, List.of("a.example:1", "[::2]:2", "a.example:0")),
            Map.entry(ValueType.HOST, List.of("127.0.0.9", "::1", "a b")),
            Map.entry(ValueType.PORT, List.of("1", "2", "65536")),
            Map.entry(ValueType.PORTS, List.of("1-2", "3-4", "9-1")),
            Map.entry(ValueType.PATH, List.of("some/where", "else", " ")),
            Map.entry(ValueType.FILE_OR_STDIN, List.of("some/where", "-", " ")),
            Map.entry(ValueType.URL, List.of("http://a:1", "https://b", "a")),
            Map.entry(
                    ValueType.DATABASE,
                    List.of("jdbc:postgresql://a/b", "jdbc:postgresql://[::1]:1/c?user=d", "jdbc:mysql://a/b")),
            Map.entry(ValueType.ROLE, List.of("a role", "another", " ")),
            Map.entry(ValueType.TTL, List.of("2s", "3s", "soon")),
            Map.entry(ValueType.POOL, List.of("web=8000-8999", "b=1-2", "web")),
            Map.entry(ValueType.CONNECTIONS, List.of("2", "1024", "1025")),
            Map.entry(ValueType.SESSIONS, List.of("2", "3", "65")),
            Map.entry(ValueType.PROFILE, List.of("work", "a.b-c", "../x")),
            Map.entry(ValueType.COMMENT, List.of("a comment", "another", "two\nlines")));

    @TempDir
    Path directory;

    static Stream<Setting<?>> settings() {
        return Arrays.stream(Setting.Section.values()).flatMap(section -> section.settings().stream());
    }

    @Test
    void noTwoSettingsShareAName() {
        assertThat(settings()).hasSizeGreaterThan(15);
        assertThat(settings().map(Setting::variable)).doesNotHaveDuplicates();
        assertThat(settings().map(Setting::key)).doesNotHaveDuplicates();
        assertThat(settings().map(s -> s.section() + s.flag())).doesNotHaveDuplicates();
    }

    @Test
    void namesFollowFromTheDeclaration() {
        assertThat(ServerConfig.EXPOSE_HOST.flag()).isEqualTo("--expose-host");
        assertThat(ServerConfig.EXPOSE_HOST.variable()).isEqualTo("CULVERT_EXPOSE_HOST");
        assertThat(ServerConfig.EXPOSE_HOST.key()).isEqualTo("expose-host");
        assertThat(AgentConfig.TOKEN_FILE.variable()).isEqualTo("CULVERT_AGENT_TOKEN_FILE");
        assertThat(AgentConfig.TOKEN_FILE.key()).isEqualTo("agent.token-file");
        assertThat(settings().map(Setting::variable))
                .contains(
                        "CULVERT_HTTP",
                        "CULVERT_DATA",
                        "CULVERT_BRIDGE",
                        "CULVERT_EXPOSE_HOST",
                        "CULVERT_PORTS",
                        "CULVERT_IMPORT",
                        "CULVERT_OPEN",
                        "CULVERT_PRINT_READY");
    }

    @ParameterizedTest
    @MethodSource("settings")
    <T> void everyDefaultIsAValue(Setting<T> setting) throws Exception {
        Reading reading = new Reading(Flags.of(Map.of()), Map.of());
        assertThat(reading.find(setting))
                .isEqualTo(setting.fallback().flatMap(setting.type().reader()));
        assertThat(reading.find(setting).isPresent())
                .isEqualTo(setting.fallback().isPresent());
        reading.finish();
    }

    @ParameterizedTest
    @MethodSource("settings")
    <T> void comesFromEachSourceAndTheStrongestWins(Setting<T> setting) throws Exception {
        String text = texts(setting).get(0);
        String weaker = texts(setting).get(1);
        T value = setting.type().reader().apply(text).orElseThrow();
        Map<String, List<String>> flag = Map.of(setting.name(), List.of(text));
        assertThat(read(setting, flag, Map.of(), "")).isEqualTo(List.of(value));
        assertThat(read(setting, Map.of(), Map.of(setting.variable(), text), ""))
                .isEqualTo(List.of(value));
        assertThat(read(setting, Map.of(), Map.of(), yaml(setting, text))).isEqualTo(List.of(value));
        assertThat(read(setting, flag, Map.of(setting.variable(), weaker), yaml(setting, weaker)))
                .isEqualTo(List.of(value));
        assertThat(read(setting, Map.of(), Map.of(setting.variable(), text), yaml(setting, weaker)))
                .isEqualTo(List.of(value));
    }

    @ParameterizedTest
    @MethodSource("settings")
    <T> void aBadValueIsNamedWithItsSource(Setting<T> setting) {
        String bad = texts(setting).get(2);
        String shown = setting.many() ? bad.trim() : bad;
        String tail = ": '" + shown + "' (expected: " + setting.type().expected() + ")";
        assertThatThrownBy(() -> read(
                        setting,
                        Map.of(setting.name(), List.of(bad)),
                        Map.of(setting.variable(), bad),
                        yaml(setting, bad)))
                .isInstanceOfSatisfying(
                        ConfigException.class,
                        e -> assertThat(e.faults())
                                .containsExactly(
                                        "flag " + setting.flag() + tail,
                                        "environment " + setting.variable() + tail,
                                        "file " + directory.resolve("culvert.yaml") + " line "
                                                + (setting.key().contains(".") ? 2 : 1) + " " + setting.key() + tail));
    }

    @ParameterizedTest
    @MethodSource("settings")
    <T> void whatMayStandOnceIsRefusedTwice(Setting<T> setting) throws Exception {
        List<String> two = texts(setting).subList(0, 2);
        Map<String, List<String>> flags = Map.of(setting.name(), two);
        if (setting.many()) {
            assertThat(read(setting, flags, Map.of(), "")).hasSize(2);
            assertThat(read(setting, Map.of(), Map.of(setting.variable(), String.join(",", two)), ""))
                    .hasSize(2);
            assertThat(read(
                            setting,
                            Map.of(),
                            Map.of(),
                            yamlAsWritten(setting, "[ '" + String.join("', '", two) + "' ]")))
                    .hasSize(2);
        } else {
            assertThatThrownBy(() -> read(setting, flags, Map.of(), ""))
                    .hasMessage("flag " + setting.flag() + ": given 2 times (expected: once)");
        }
    }

    private <T> List<T> read(
            Setting<T> setting, Map<String, List<String>> flags, Map<String, String> environment, String yaml)
            throws Exception {
        Map<String, List<String>> all = new HashMap<>(flags);
        if (!yaml.isEmpty()) {
            all.put(
                    "config",
                    List.of(Files.writeString(directory.resolve("culvert.yaml"), yaml)
                            .toString()));
        }
        Reading reading = new Reading(Flags.of(all), environment);
        List<T> values = reading.findAll(setting);
        reading.finish();
        return values;
    }

    private static List<String> texts(Setting<?> setting) {
        return TEXTS.getOrDefault(setting.type(), List.of());
    }

    private static String yaml(Setting<?> setting, String text) {
        return yamlAsWritten(setting, "\"" + text.replace("\n", "\\n") + "\"");
    }

    private static String yamlAsWritten(Setting<?> setting, String written) {
        String[] path = setting.key().split("\\.", -1);
        return path.length == 1 ? path[0] + ": " + written + "\n" : path[0] + ":\n  " + path[1] + ": " + written + "\n";
    }

    @Test
    void everyTypeHasTexts() {
        assertThat(settings().map(Setting::type).collect(Collectors.toSet())).isEqualTo(TEXTS.keySet());
    }
}
