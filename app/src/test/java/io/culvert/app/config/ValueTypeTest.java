package io.culvert.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.gateway.PortRange;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValueTypeTest {
    @ParameterizedTest
    @CsvSource({"20000-29999, 20000, 29999", "80, 80, 80", "0, 0, 0", "0-0, 0, 0", "1-65535, 1, 65535"})
    void portsAreARangeOrOneOrAny(String text, int from, int to) {
        assertThat(ValueType.PORTS.reader().apply(text)).contains(new PortRange(from, to));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-", "9-1", "0-9", "1-65536", "-1", "1-", "-5-6", "a-b", "1 - 2", "1-2-3"})
    void otherPortsAreNone(String text) {
        assertThat(ValueType.PORTS.reader().apply(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"60, PT1M", "60s, PT1M", "1500ms, PT1.5S", "15m, PT15M", "8h, PT8H", "30d, PT720H", "1s, PT1S"})
    void timesHaveAUnitOrCountSeconds(String text, Duration expected) {
        assertThat(ValueType.TTL.reader().apply(text)).contains(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "999ms", "31d", "-1", "1.5s", "60 s", "1w", "s", "9999999999"})
    void otherTimesAreNone(String text) {
        assertThat(ValueType.TTL.reader().apply(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "http://127.0.0.1:8000, http://127.0.0.1:8000",
        "https://t.example.org/culvert, https://t.example.org/culvert",
        "http://[::1]:80, http://[::1]:80"
    })
    void urlsNameAServer(String text, URI expected) {
        assertThat(ValueType.URL.reader().apply(text)).contains(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "127.0.0.1:8000",
                "ftp://a",
                "http://",
                "http://a?key=1",
                "http://u:p@a",
                "http://a#f",
                "http://a b",
                "http://a:65536"
            })
    void otherUrlsAreNone(String text) {
        assertThat(ValueType.URL.reader().apply(text)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "yes", "1", "TRUE", "on", " true"})
    void switchesAreTrueOrFalse(String text) {
        assertThat(ValueType.SWITCH.reader().apply(text)).isEmpty();
    }
}
