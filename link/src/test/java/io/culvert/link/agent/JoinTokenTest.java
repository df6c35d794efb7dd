package io.culvert.link.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JoinTokenTest {
    private static final String SECRET = "_-8BAgMEBQYHCAkKCwwNDg";
    private static final String PIN = "A".repeat(43);
    private static final String TEXT = "cv1.42." + SECRET + "." + PIN;

    @Test
    void theTextComesBack() {
        byte[] secret = new byte[64];
        Arrays.fill(secret, (byte) 0xFF);
        byte[] pin = new byte[32];
        Arrays.fill(pin, (byte) 0xFB);
        JoinToken token = new JoinToken(Long.MAX_VALUE, secret, pin);

        JoinToken parsed = JoinToken.parse(token.text());

        assertThat(parsed).isEqualTo(token).hasSameHashCodeAs(token);
        assertThat(parsed.tunnelId()).isEqualTo(Long.MAX_VALUE);
        assertThat(parsed.secret()).isEqualTo(secret);
        assertThat(parsed.pin()).isEqualTo(pin);
        assertThat(token.text()).matches("cv1\\.[0-9]+\\.[A-Za-z0-9_-]{86}\\.[A-Za-z0-9_-]{43}");
    }

    @Test
    void blanksAndLineEndsAroundItDoNotMatter() {
        assertThat(JoinToken.parse(" \t" + TEXT + "\r\n").text()).isEqualTo(TEXT);
    }

    @Test
    void keepsItsArraysAndItsSecretToItself() {
        byte[] secret = new byte[16];
        byte[] pin = new byte[32];
        JoinToken token = new JoinToken(1, secret, pin);
        secret[0] = 1;
        pin[0] = 1;
        token.secret()[0] = 1;
        token.pin()[0] = 1;

        assertThat(token).isEqualTo(new JoinToken(1, new byte[16], new byte[32]));
        assertThat(token).isNotEqualTo(new JoinToken(1, secret, new byte[32]));
        assertThat(JoinToken.parse(TEXT)).hasToString("cv1.42.***." + PIN);
    }

    @ParameterizedTest
    @CsvSource({
        "'', does not begin with 'cv1.'",
        "cv2.42.SECRET.PIN, does not begin with 'cv1.'",
        "cv1, 1 parts where there should be 4",
        "cv1.42.SECRET, 3 parts where there should be 4",
        "cv1.42.SECRET.PIN., 5 parts where there should be 4",
        "cv1.-1.SECRET.PIN, ID is not a plain whole number",
        "cv1.+1.SECRET.PIN, ID is not a plain whole number",
        "cv1.01.SECRET.PIN, ID is not a plain whole number",
        "cv1.٣.SECRET.PIN, ID is not a plain whole number",
        "cv1..SECRET.PIN, ID is not a plain whole number",
        "cv1.9223372036854775808.SECRET.PIN, ID is above 9223372036854775807",
        "cv1.42.SEC RET.PIN, SECRET is not base64url",
        "cv1.42.SECRET+/.PIN, SECRET is not base64url",
        "cv1.42.SECRETB.PIN, SECRET is not plain base64url without padding",
        "cv1.42.SECRETA=.PIN, SECRET is not plain base64url without padding",
        "cv1.42.SECRETSHORA.PIN, SECRET is 8 bytes where 16 to 64 are expected",
        "cv1.42..PIN, SECRET is 0 bytes where 16 to 64 are expected",
    })
    void saysWhichPartIsWrong(String text, String why) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> JoinToken.parse(text))
                .withMessage("join token (expected: cv1.ID.SECRET.PIN): " + why);
    }

    @Test
    void neverRepeatsTheSecret() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> JoinToken.parse("cv1.42." + SECRET + "." + PIN + "AAAA"))
                .withMessage("join token (expected: cv1.ID.SECRET.PIN): PIN is 35 bytes where 32 are expected")
                .withNoCause();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> JoinToken.parse("cv1.42." + SECRET + "!." + PIN))
                .withMessage("join token (expected: cv1.ID.SECRET.PIN): SECRET is not base64url")
                .withNoCause();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> JoinToken.parse(TEXT.repeat(20)))
                .withMessage(
                        "join token (expected: cv1.ID.SECRET.PIN): " + TEXT.length() * 20 + " characters is too long");
    }
}
