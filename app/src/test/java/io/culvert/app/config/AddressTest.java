package io.culvert.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressTest {
    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:8000, 127.0.0.1, 8000",
        "localhost:0, localhost, 0",
        "[::1]:8000, ::1, 8000",
        "[fe80::1%eth0]:65535, fe80::1%eth0, 65535",
        "[::ffff:10.0.0.1]:1, ::ffff:10.0.0.1, 1",
        "my-host.example.org:7000, my-host.example.org, 7000",
        "a:007, a, 7"
    })
    void readsWhatPeopleWrite(String text, String host, int port) {
        assertThat(Address.parse(text)).contains(new Address(host, port));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                "8000",
                ":8000",
                "localhost",
                "localhost:",
                "::1:8000",
                "[::1]",
                "[::1]8000",
                "[localhost]:1",
                "a:65536",
                "a:-1",
                "a:+1",
                "a: 1",
                "a b:1",
                "-a:1",
                "127.0.0.300:1",
                "1.2.3:1",
                "a:1e3",
                "a:٣",
                "http://a:1",
                "a:000080",
                "[]:1"
            })
    void refusesWhatIsNone(String text) {
        assertThat(Address.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1:0", "127.9.9.9:1", "localhost:1", "LocalHost:1", "[::1]:1", "[0:0:0:0:0:0:0:1]:1"})
    void knowsLoopback(String text) {
        assertThat(Address.parse(text)).get().matches(Address::isLoopback);
    }

    @ParameterizedTest
    @CsvSource({"0.0.0.0:1", "128.0.0.1:1", "127.example.org:1", "localhost.example.org:1", "[::]:1", "[::2]:1"})
    void knowsWhatIsNotLoopback(String text) {
        assertThat(Address.parse(text)).get().matches(address -> !address.isLoopback());
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1:80", "[::1]:80", "example.org:80"})
    void writesWhatItReads(String text) {
        assertThat(Address.parse(text)).get().hasToString(text);
    }
}
