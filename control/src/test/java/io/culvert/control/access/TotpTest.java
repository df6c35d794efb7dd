package io.culvert.control.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TotpTest {
    private static final byte[] SECRET = "12345678901234567890".getBytes(StandardCharsets.US_ASCII);

    /** RFC 6238, appendix B, SHA-1, without the first two of its eight digits. */
    @ParameterizedTest
    @CsvSource({
        "59, 287082",
        "1111111109, 081804",
        "1111111111, 050471",
        "1234567890, 005924",
        "2000000000, 279037",
        "20000000000, 353130"
    })
    void codesAreThoseOfTheRfc(long second, String code) {
        assertThat(Totp.code(SECRET, second / 30)).isEqualTo(code);
        assertThat(Totp.match(SECRET, code, Instant.ofEpochSecond(second), 0)).hasValue(second / 30);
    }

    @Test
    void aStepBeforeOrBehindIsTakenAndNoFurtherOne() {
        Instant now = Instant.ofEpochSecond(30 * 1_000_000L);
        for (int off = -3; off <= 3; off++) {
            OptionalLong step = Totp.match(SECRET, Totp.code(SECRET, 1_000_000 + off), now, 0);
            assertThat(step.isPresent()).as("%d steps", off).isEqualTo(Math.abs(off) <= 1);
        }
        assertThat(Totp.match(SECRET, Totp.code(SECRET, 1_000_000), now, 1_000_000))
                .isEmpty();
        assertThat(Totp.match(SECRET, "", now, 0)).isEmpty();
        assertThat(Totp.match(SECRET, "1234567", now, 0)).isEmpty();
    }

    @Test
    void base32IsThatOfTheRfc() {
        assertThat(Totp.base32("foobar".getBytes(StandardCharsets.US_ASCII))).isEqualTo("MZXW6YTBOI");
        assertThat(Totp.base32(SECRET)).isEqualTo("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assertThat(Totp.bytes(Totp.base32(SECRET))).isEqualTo(SECRET);
    }
}
