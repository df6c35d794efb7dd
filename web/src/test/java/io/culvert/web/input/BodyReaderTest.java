package io.culvert.web.input;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BodyReaderTest {
    private static Fields read(String type, String body) {
        return BodyReader.read(type, body.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aFormIsReadInOrderWithWhatItRepeats() {
        Fields fields = read("application/x-www-form-urlencoded; charset=UTF-8", "a=1&b=%E4%B8%AD+%2B&&a=&c&=&d==x");
        assertThat(fields.fault()).isEmpty();
        assertThat(fields.list())
                .containsExactly(
                        new Field("a", "1", false),
                        new Field("b", "中 +", false),
                        new Field("a", "", false),
                        new Field("c", "", false),
                        new Field("", "", false),
                        new Field("d", "=x", false));
    }

    @Test
    void aKeyBesideABrokenFieldIsStillSeen() {
        Fields fields = read("application/x-www-form-urlencoded", "innet=%zz&key=k");
        assertThat(fields.all("key")).containsExactly("k");
        assertThat(fields.fault()).isPresent();
        assertThat(fields.whole()).isTrue();
    }

    @Test
    void jsonKeepsNumbersAsTheyWereWritten() {
        Fields fields = read("application/json", "{\"a\":1.50,\"b\":\"x\\n\\ud83d\\ude00\",\"c\":-1e9}");
        assertThat(fields.list())
                .containsExactly(
                        new Field("a", "1.50", true),
                        new Field("b", "x\n\ud83d\ude00", false),
                        new Field("c", "-1e9", true));
    }

    @Test
    void aKeyBehindAFieldOfAWrongKindIsStillSeen() {
        Fields fields = read("application/json", "{\"innet\":[[1],{\"key\":\"no\"}],\"key\":\"k\"}");
        assertThat(fields.all("key")).containsExactly("k");
        assertThat(fields.fault())
                .hasValueSatisfying(fault -> assertThat(fault).hasMessageStartingWith("innet: an array"));
        assertThat(fields.whole()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "multipart/form-data; boundary=b",
                "Multipart/Form-Data;boundary=\"b\"",
                "multipart/form-data; charset=utf-8; boundary=b"
            })
    void multipartIsReadAsSent(String type) {
        String body = """
                --b
                content-disposition: form-data; name=comment
                Content-Type: text/plain

                a
                --c

                --b
                X: y
                Content-Disposition: form-data; name="empty"


                --b--""".replace("\n", "\r\n");
        Fields fields = read(type, body);
        assertThat(fields.fault()).isEmpty();
        assertThat(fields.list())
                .containsExactly(new Field("comment", "a\r\n--c\r\n", false), new Field("empty", "", false));
    }

    @Test
    void aNamelessOrEncodedPartIsRefused() {
        String encoded = """
                --b
                Content-Disposition: form-data; name="a"
                Content-Transfer-Encoding: base64

                MjI=
                --b--""".replace("\n", "\r\n");
        assertThat(read("multipart/form-data; boundary=b", encoded).fault()).isPresent();
        assertThat(read("multipart/form-data; boundary=b", "--b\r\n\r\n22\r\n--b--\r\n")
                        .fault())
                .isPresent();
        assertThat(read("multipart/form-data; boundary=b", "--b--\r\n").list()).isEmpty();
    }

    @Test
    void anEmptyBodySaysNothingWhateverItsType() {
        assertThat(BodyReader.read(null, new byte[0])).isEqualTo(Fields.NONE);
        assertThat(read("text/plain", "")).isEqualTo(Fields.NONE);
    }

    @Test
    void aFieldsTextIsInNoToString() {
        assertThat(read("application/x-www-form-urlencoded", "key=s3cret").toString())
                .doesNotContain("s3cret");
    }

    /** Whatever the bytes are: fields or a fault, never anything thrown, and soon. */
    @Test
    void noBytesAtAllDoHarm() {
        Random random = new Random(7);
        String alphabet = "{}[]\",:=&%+-.\r\n b0e1\\u00d8nametrufls;\u0000\u00ff";
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder();
            int length = random.nextInt(40);
            for (int j = 0; j < length; j++) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            String noise = text.toString();
            Stream.of(noise, "{\"a\":" + noise, "--b\r\nContent-Disposition: form-data; name=\"a\"" + noise)
                    .map(body -> body.getBytes(StandardCharsets.ISO_8859_1))
                    .forEach(body -> Stream.of(
                                    "application/json",
                                    "application/x-www-form-urlencoded",
                                    "multipart/form-data; boundary=b")
                            .forEach(type -> assertThat(
                                            BodyReader.read(type, body).list())
                                    .isNotNull()));
        }
    }
}
