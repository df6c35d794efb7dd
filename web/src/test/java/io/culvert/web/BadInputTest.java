package io.culvert.web;

import static io.culvert.web.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each field of each call with what it must not be: a clear 4xx, nothing changed, nothing told, and the server lives. */
class BadInputTest {
    private static final String FORM = "application/x-www-form-urlencoded";
    private static final String JSON = "application/json";

    @TempDir
    static Path data;

    private static RunningServer server;
    private static JsonArray before;

    @BeforeAll
    static void start() {
        server = RunningServer.keyed(data);
        assertThat(server.form("/api/create", "innet=22&expire=-1&comment=untouched")
                        .statusCode())
                .isEqualTo(200);
        before = tunnels();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @AfterEach
    void nothingChanged() {
        assertThat(tunnels()).isEqualTo(before);
        assertThat(server.get("/healthz").body()).isEqualTo("ok");
    }

    /** The list without what time changes. */
    private static JsonArray tunnels() {
        JsonArray entries = json(server.get("/api/list")).getJsonArray("data");
        entries.forEach(entry -> ((JsonObject) entry).getJsonObject("tunnel").remove("from_last_check"));
        return entries;
    }

    private static void refused(HttpResponse<String> response, int status, String... told) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        JsonObject answer = json(response);
        assertThat(answer.fieldNames()).containsExactly("status", "error_info");
        assertThat(answer.getString("status")).isEqualTo("error");
        assertThat(List.of(told))
                .allSatisfy(part -> assertThat(answer.getString("error_info")).contains(part));
        assertThat(status == 404
                        || status == 409
                        || answer.getString("error_info").contains("(expected"))
                .isTrue();
        assertThat(answer.getString("error_info"))
                .doesNotContain("Exception", "io.culvert", "io.netty", "jackson", "\n", RunningServer.KEY)
                .hasSizeLessThan(400);
    }

    static Stream<Arguments> ports() {
        return Stream.of("innet", "expose", "bridge")
                .flatMap(field -> Stream.of(
                                "abc",
                                "22%20",
                                "%2022",
                                "%2B22",
                                "-1",
                                "65536",
                                "99999999999999999999",
                                "0x16",
                                "%EF%BC%92%EF%BC%92",
                                "22.5",
                                "1e3",
                                "022",
                                "true",
                                "null",
                                "[]",
                                "22%00",
                                "22%0A",
                                "22,80",
                                "127.0.0.1:0",
                                "127.0.0.1:65536",
                                "127.0.0.1:",
                                ":22",
                                "::1:22",
                                "%5B::1%5D",
                                "%5Bzz%5D:22",
                                "%5B1.2.3%5D:22",
                                "a%20b:22",
                                "a/b:22",
                                "user@host:22",
                                "http://host:22")
                        .map(value -> arguments(field, value)));
    }

    @ParameterizedTest
    @MethodSource("ports")
    void aPortThatIsNone(String field, String value) {
        String body = field.equals("innet") ? "innet=" + value : "innet=22&" + field + "=" + value;
        refused(server.form("/api/create", body), 400, field + ": '");
    }

    @ParameterizedTest
    @ValueSource(strings = {"innet=0", "", "innet=", "comment=x", "innet=&exposes=", "expose=30001"})
    void noTarget(String body) {
        refused(server.form("/api/create", body), 400, "innet: '", "1 to 65535");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "22-",
                "-22",
                "22--5",
                "22-22-22",
                "22-70000",
                "0",
                "0-22",
                ",",
                "22,",
                ",22",
                "22,,80",
                "host-22",
                "host",
                "22-abc",
                "22- 5",
                "22, 80",
                "22;80",
                "22-+5",
                "[::1]-22",
                "abc:22-x",
                "22-0x16",
                "22-２２"
            })
    void exposesThatAreNone(String value) {
        refused(
                server.json(
                        "/api/create", new JsonObject().put("exposes", value).encode()),
                400,
                "exposes: '");
    }

    static Stream<Arguments> switches() {
        Stream<Arguments> switches = Stream.of("compress", "bridge_tls")
                .flatMap(field -> Stream.of("1", "yes", "TRUE", "%20true", "true%00", "0", "null", "[]")
                        .map(value -> arguments(field, value, "true or false")));
        Stream<Arguments> protocols = Stream.of("UDP", "sctp", "tcp,udp", "%20udp", "udp://", "true", "17")
                .map(value -> arguments("protocol", value, "tcp or udp"));
        return Stream.concat(switches, protocols);
    }

    @ParameterizedTest
    @MethodSource("switches")
    void aSwitchThatIsNone(String field, String value, String expected) {
        refused(server.form("/api/create", "innet=22&" + field + "=" + value), 400, field + ": '", expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "innet=udp:/53",
                "innet=UDP://53",
                "innet=udp://",
                "innet=udp://0",
                "innet=udp://udp://53",
                "innet=sctp://53",
                "innet=udp://53&protocol=tcp",
                "innet=tcp://53&protocol=udp"
            })
    void aTargetWhoseProtocolIsNone(String body) {
        refused(server.form("/api/create", body), 400, "innet: '");
        refused(server.form("/api/create", body.replaceFirst("innet", "exposes")), 400, "exposes: '");
    }

    @Test
    void protocolsThatContradict() {
        refused(server.form("/api/create", "innet=53&exposes=udp://53"), 400, "first of exposes");
        refused(server.form("/api/create", "innet=22&expose=40123&bridge=40123"), 400, "bridge: '40123'");
        refused(server.form("/api/create", "exposes=udp://53-40123,udp://54-40123"), 400, "40123");
    }

    static Stream<Arguments> bundles() {
        return Stream.of(
                arguments("id=1", "reissue: ''"),
                arguments("id=1&reissue=false", "reissue: 'false'"),
                arguments("id=1&reissue=1", "reissue: '1'"),
                arguments("reissue=true", "id: ''"),
                arguments("id=x&reissue=true", "id: 'x'"),
                arguments("id=1&reissue=true&format=tar", "format: 'tar'"),
                arguments("id=1&reissue=true&reissue=true", "reissue: given more than once"),
                arguments("id=1&reissue=true&innet=22", "innet: unknown parameter"));
    }

    @ParameterizedTest
    @MethodSource("bundles")
    void aBundleThatCannotBeReissued(String body, String told) {
        refused(server.form("/api/bundle", body), 400, told);
    }

    @Test
    void aBundleThatCannotBeShown() {
        refused(server.get("/api/bundle"), 400, "id: ''");
        refused(server.get("/api/bundle?id=1&format=tar"), 400, "format: 'tar'", "json or zip");
        refused(server.get("/api/bundle?id=1&reissue=true"), 400, "reissue: unknown parameter");
        refused(server.get("/api/bundle?id=99"), 404, "id: 99");
        refused(server.get("/api/bundle?id=99&format=zip"), 404, "id: 99");
        refused(server.form("/api/bundle", "id=99&reissue=true"), 404, "id: 99");
        HttpResponse<String> response = server.send(server.to("/api/bundle").PUT(BodyPublishers.noBody()));
        refused(response, 405);
        assertThat(response.headers().firstValue("Allow")).hasValue("GET, HEAD, POST");
    }

    @Test
    void tooManyExposes() {
        refused(server.form("/api/create", "exposes=22" + ",22".repeat(64)), 400, "exposes: '", "64");
    }

    @Test
    void oneExplicitPortTwice() {
        refused(server.form("/api/create", "exposes=22-40123,80-40123"), 400, "40123");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "abc",
                "NaN",
                "nan",
                "inf",
                "-Infinity",
                "1e999",
                "1e99",
                "-1e99",
                "315360001",
                "-315360001",
                "0.0000000001",
                "1e-99",
                "60s",
                "%2B60",
                "1_000",
                "0x3c",
                "%206",
                "6%20",
                "%EF%BC%92",
                "true",
                "1,5",
                "--1",
                "1e",
                ".",
                "-"
            })
    void aLeaseThatIsNone(String value) {
        refused(server.form("/api/create", "innet=22&expire=" + value), 400, "expire: '", "seconds");
    }

    @ParameterizedTest
    @ValueSource(strings = {"%07", "%00", "%1B%5B31m", "%7F"})
    void aCommentWithControlCharacters(String value) {
        refused(server.form("/api/create", "innet=22&comment=a" + value), 400, "comment: '");
    }

    @Test
    void aCommentTooLong() {
        refused(server.form("/api/create", "innet=22&comment=" + "x".repeat(1001)), 400, "comment: '");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "innet=22&exposes=23",
                "innet=22&exposes=h:22",
                "innet=22&expose=5&exposes=22-6",
                "expose=5&exposes=22-6",
                "innet=22&expose=5&exposes=22",
                "expose=5&exposes=22"
            })
    void flatAndListThatContradict(String body) {
        refused(server.form("/api/create", body), 400, "first of exposes");
    }

    static Stream<Arguments> repeatedOrUnknown() {
        return Stream.of(
                arguments("/api/create", "innet=22&innet=22", "innet: given more than once"),
                arguments("/api/create", "innet=22&expose=&expose=", "expose: given more than once"),
                arguments("/api/create", "innet=22&inner=22", "inner: unknown parameter", "innet, exposes"),
                arguments("/api/create", "Innet=22", "Innet: unknown parameter"),
                arguments("/api/create", "innet=22&id=1", "id: unknown parameter"),
                arguments("/api/create", "innet=22&=x", ": unknown parameter"),
                arguments("/api/create?innet=22", "innet=22", "innet: unknown parameter (expected in the query: key)"),
                arguments("/api/remove", "id=1&force=1", "force: unknown parameter"),
                arguments("/api/remove", "id=1&id=1", "id: given more than once"),
                arguments("/api/remove?id=1", "", "id: unknown parameter (expected in the query: key)"),
                arguments("/api/heartbeat", "id=1&id=2", "id: given more than once"),
                arguments("/api/heartbeat", "id=1&x=1", "x: unknown parameter"));
    }

    @ParameterizedTest
    @MethodSource("repeatedOrUnknown")
    void saidTwiceOrNotKnown(String path, String body, String told) {
        refused(server.form(path, body), 400, told);
    }

    @Test
    void aValueUnderAnUnknownNameIsNotEchoed() {
        HttpResponse<String> response = server.form("/api/create", "innet=22&Key=s3cret");
        refused(response, 400, "Key: unknown parameter");
        assertThat(response.body()).doesNotContain("s3cret");
    }

    static Stream<Arguments> brokenEncodings() {
        return Stream.of("%", "%2", "%zz", "%ff", "%c0%b2", "%ed%a0%80", "2%", "\u00ff", "\u00c3")
                .flatMap(value -> Stream.of(
                        arguments("/api/create", "innet=" + value, "innet: '"),
                        arguments("/api/create", "innet=22&comment=" + value, "comment: '"),
                        arguments("/api/create", "innet=22&" + value + "=1", "name: '"),
                        arguments("/api/remove", "id=1" + value, "id: '"),
                        arguments("/api/heartbeat", "id=1" + value, "id: '")));
    }

    @ParameterizedTest
    @MethodSource("brokenEncodings")
    void brokenEncoding(String path, String body, String told) {
        refused(
                server.post(path, FORM, body.getBytes(StandardCharsets.ISO_8859_1)),
                400,
                told,
                "percent-encoded UTF-8");
    }

    static Stream<Arguments> wrongJson() {
        Stream<Arguments> wrongKinds = Stream.of(
                        "innet", "exposes", "expose", "bridge", "comment", "expire", "protocol", "compress")
                .flatMap(field -> Stream.of(
                                field.equals("compress") ? "1" : "true",
                                "null",
                                "[]",
                                "{}",
                                "[22]",
                                "{\"a\":{\"b\":[]}}")
                        .map(value -> arguments(
                                "/api/create",
                                field.equals("innet")
                                        ? "{\"innet\":" + value + "}"
                                        : "{\"innet\":22,\"" + field + "\":" + value + "}",
                                field + ": ")));
        Stream<Arguments> wrongNumbers = Stream.of("innet", "expose", "bridge")
                .flatMap(field -> Stream.of(
                                "-1", "65536", "22.0", "2.2e1", "1e999", "\"22 \"", "\"0x16\"", "\"+22\"", "\"２２\"")
                        .map(value -> arguments(
                                "/api/create",
                                field.equals("innet")
                                        ? "{\"innet\":" + value + "}"
                                        : "{\"innet\":22,\"" + field + "\":" + value + "}",
                                field + ": '")));
        Stream<Arguments> ids = Stream.of("/api/remove", "/api/heartbeat")
                .flatMap(path -> Stream.of(
                                "true",
                                "null",
                                "[1]",
                                "{}",
                                "-1",
                                "1.0",
                                "1e0",
                                "\"\"",
                                "\" 1\"",
                                "9223372036854775808")
                        .map(value -> arguments(path, "{\"id\":" + value + "}", "id: ")));
        Stream<Arguments> others = Stream.of(
                arguments("/api/create", "{\"innet\":22,\"comment\":5}", "comment: '5'"),
                arguments("/api/create", "{\"innet\":22,\"expire\":1e999}", "expire: '1e999'"),
                arguments("/api/create", "{\"innet\":22,\"expire\":NaN}", "expire: broken JSON"),
                arguments("/api/create", "{\"innet\":22,\"expire\":0x10}", "expire: broken JSON"),
                arguments("/api/create", "{\"innet\":22,\"expire\":-Infinity}", "expire: broken JSON"),
                arguments("/api/create", "{\"innet\":22,\"comment\":\"\\ud800\"}", "comment: half a surrogate pair"),
                arguments("/api/create", "{\"innet\":22,\"comment\":\"\\u0000\"}", "comment: '"),
                arguments("/api/create", "{\"innet\":22,\"innet\":22}", "innet: given more than once"),
                arguments("/api/create", "{\"innet\":22,\"colour\":\"red\"}", "colour: unknown parameter"),
                arguments("/api/create", "{}", "innet: '"),
                arguments("/api/create", "{", "body: broken JSON"),
                arguments("/api/create", "{\"innet\":22", "broken JSON at line 1"),
                arguments("/api/create", "{\"innet\":22}x", "body: "),
                arguments("/api/create", "{\"innet\":22}{}", "body: more after the object"),
                arguments("/api/create", "{\"innet\":022}", "innet: broken JSON"),
                arguments("/api/create", "{innet:22}", "body: broken JSON"),
                arguments("/api/create", "{'innet':22}", "body: broken JSON"),
                arguments("/api/create", "[{\"innet\":22}]", "body: an array"),
                arguments("/api/create", "\"innet\"", "body: a string"),
                arguments("/api/create", "22", "body: a number"),
                arguments("/api/create", "null", "body: null"),
                arguments("/api/create", " ", "body: empty"),
                arguments("/api/create", "\u0000", "body: "),
                arguments("/api/create", "\ufeff{\"innet\":22}", "body: "),
                arguments("/api/create", "{\"innet\":" + "[".repeat(20_000), "innet: "),
                arguments("/api/create", "[".repeat(60_000), "body: an array"),
                arguments("/api/create", "{\"a\":".repeat(9_000), "a: "),
                arguments("/api/create", "{\"innet\":" + "9".repeat(60_000) + "}", "innet: "));
        return Stream.of(wrongKinds, wrongNumbers, ids, others).flatMap(cases -> cases);
    }

    @ParameterizedTest
    @MethodSource("wrongJson")
    void wrongJsonIsNamed(String path, String body, String told) {
        refused(server.json(path, body), 400, told);
    }

    @Test
    void jsonThatIsNoUtf8() {
        refused(
                server.post("/api/create", JSON, new byte[] {'{', '"', (byte) 0xff, '"', ':', '1', '}'}),
                400,
                "body: broken UTF-8");
        refused(
                server.post("/api/create", JSON, "{\"innet\":22}".getBytes(StandardCharsets.UTF_16)),
                400,
                "body: broken UTF-8");
    }

    static Stream<Arguments> brokenMultipart() {
        String good = RunningServer.multipart("innet", "22");
        String file = "--b\r\nContent-Disposition: form-data; name=\"innet\"; filename=\"x\"\r\n\r\n22\r\n--b--\r\n";
        return Stream.of(
                arguments("multipart/form-data", good, "body: broken multipart"),
                arguments("multipart/form-data; boundary=", good, "body: broken multipart"),
                arguments("multipart/form-data; boundary=c", good, "body: broken multipart"),
                arguments(
                        "multipart/form-data; boundary=b",
                        good.substring(0, good.length() - 6),
                        "body: broken multipart"),
                arguments(
                        "multipart/form-data; boundary=b",
                        good.substring(0, good.length() / 2),
                        "body: broken multipart"),
                arguments("multipart/form-data; boundary=b", "innet=22", "body: broken multipart"),
                arguments("multipart/form-data; boundary=b", file, "innet: a file"),
                arguments(
                        "multipart/form-data; boundary=b",
                        RunningServer.multipart("innet", "2\u00ff"),
                        "innet: broken UTF-8"),
                arguments(
                        "multipart/form-data; boundary=b",
                        RunningServer.multipart("innet", "22", "innet", "22"),
                        "innet: given more than once"),
                arguments("multipart/form-data; boundary=b", RunningServer.multipart("innet", "22 "), "innet: '22 '"),
                arguments(
                        "multipart/form-data; boundary=b", RunningServer.multipart("colour", "22"), "colour: unknown"));
    }

    @ParameterizedTest
    @MethodSource("brokenMultipart")
    void brokenMultipartIsNamed(String type, String body, String told) {
        refused(server.post("/api/create", type, body.getBytes(StandardCharsets.ISO_8859_1)), 400, told);
    }

    @Test
    void aThousandParts() {
        String[] parts = new String[2_000];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = "innet";
        }
        refused(
                server.post(
                        "/api/create",
                        "multipart/form-data; boundary=b",
                        RunningServer.multipart(parts).substring(0, 60_000).getBytes(StandardCharsets.UTF_8)),
                400,
                "body: ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/plain",
                "application/xml",
                "application/octet-stream",
                "application/x-www-form-urlencoded; charset=iso-8859-1",
                "application/json;charset=utf-16",
                "nonsense",
                ";"
            })
    void aContentTypeNobodyReads(String type) {
        refused(server.post("/api/create", type, "innet=22".getBytes(StandardCharsets.UTF_8)), 415, "Content-Type: '");
    }

    @Test
    void noContentTypeOrACompressedBody() {
        refused(
                server.send(
                        server.to("/api/create?key=" + RunningServer.KEY).POST(BodyPublishers.ofString("innet=22"))),
                415,
                "no content type");
        refused(
                server.send(server.to("/api/create?key=" + RunningServer.KEY)
                        .header("Content-Type", FORM)
                        .header("Content-Encoding", "gzip")
                        .POST(BodyPublishers.ofString("innet=22"))),
                415,
                "Content-Encoding");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "abc",
                "-1",
                "1.0",
                "+1",
                "%201",
                "1%20",
                "0x1",
                "1e0",
                "9223372036854775808",
                "%EF%BC%91",
                "1,2",
                "null"
            })
    void anIdThatIsNone(String value) {
        refused(server.get("/api/query?id=" + value), 400, "id: '");
        refused(server.form("/api/remove", "id=" + value), 400, "id: '");
        refused(server.form("/api/heartbeat", "id=" + value), 400, "id: '");
    }

    @Test
    void noIdAtAll() {
        refused(server.get("/api/query"), 400, "id: ''");
        refused(server.form("/api/remove", ""), 400, "id: ''");
        refused(server.json("/api/heartbeat", "{}"), 400, "id: ''");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "2", "99999", "9223372036854775807"})
    void anIdOfNoTunnel(String value) {
        refused(server.get("/api/query?id=" + value), 404, "id: " + value);
        refused(server.form("/api/remove", "id=" + value), 404, "id: " + value);
        refused(server.form("/api/heartbeat", "id=" + value), 404, "id: " + value);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/list?x=1",
                "/api/list?id=1",
                "/api/query?id=1&id=1",
                "/api/query?id=1&x",
                "/api/query?id=%ff",
                "/api/list?%ff=1"
            })
    void aQueryThatIsWrong(String path) {
        refused(server.get(path), 400);
    }

    @Test
    void aGetThatSaysSomethingInItsBody() {
        refused(
                server.send(server.to("/api/query?key=" + RunningServer.KEY)
                        .header("Content-Type", FORM)
                        .method("GET", BodyPublishers.ofString("id=1"))),
                400,
                "id: unknown parameter (expected in the body: key)");
    }

    @Test
    void aPortThatIsTaken() throws Exception {
        int held = before.getJsonObject(0).getJsonObject("tunnel").getInteger("expose_port");
        refused(server.form("/api/create", "innet=22&expose=" + held), 409, String.valueOf(held));
        refused(server.form("/api/create", "exposes=22,80-" + held), 409, String.valueOf(held));
        try (ServerSocket strange = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            HttpResponse<String> response = server.form("/api/create", "innet=22&expose=" + strange.getLocalPort());
            assertThat(response.statusCode()).isEqualTo(409);
            assertThat(response.body()).contains(String.valueOf(strange.getLocalPort()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/create", "/api/remove", "/api/heartbeat", "/api/list", "/api/query"})
    void aBodyTooLong(String path) {
        byte[] megabyte = ("comment=" + "x".repeat(1 << 20)).getBytes(StandardCharsets.UTF_8);
        String method = path.equals("/api/list") || path.equals("/api/query") ? "GET" : "POST";
        for (String type : List.of(FORM, JSON, "multipart/form-data; boundary=b")) {
            refused(
                    server.send(server.to(path + "?key=" + RunningServer.KEY)
                            .header("Content-Type", type)
                            .method(method, BodyPublishers.ofByteArray(megabyte))),
                    413,
                    "65536 bytes");
            refused(
                    server.send(server.to(path + "?key=" + RunningServer.KEY)
                            .header("Content-Type", type)
                            .method(method, BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(megabyte)))),
                    413,
                    "65536 bytes");
        }
    }

    @Test
    void theLongestBodyIsRead() {
        String padded = "innet=0&comment=";
        refused(server.form("/api/create", padded + "x".repeat(65_536 - padded.length())), 400);
        refused(server.form("/api/create", padded + "x".repeat(65_537 - padded.length())), 413);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "GET", "HEAD", "FOO"})
    void sish_no_other_method_changes_anything(String method) {
        HttpResponse<String> response = server.send(server.to("/api/create").method(method, BodyPublishers.noBody()));
        assertThat(response.statusCode()).isEqualTo(405);
        assertThat(response.headers().firstValue("Allow")).hasValue("POST");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/list", "/api/query?id=1", "/ui/manager", "/", "/healthz"})
    void methodsThatReadingDoesNotHave(String path) {
        HttpResponse<String> response = server.send(server.to(path).POST(BodyPublishers.noBody()));
        refused(response, 405);
        assertThat(response.headers().firstValue("Allow")).hasValue("GET, HEAD");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api",
                "/api/",
                "/api/nothing",
                "/nothing",
                "/api/list/1",
                "/ui/",
                "/ui/../api",
                "/API/LIST",
                "/%2e%2e/etc/passwd",
                "/ui/%2e%2e/manager.html",
                "/ui/manager.html",
                "/favicon.ico"
            })
    void pathsThatAreNone(String path) {
        HttpResponse<String> response = server.get(path);
        if (!path.equals("/ui/")) {
            refused(response, 404);
        }
        assertThat(response.body()).doesNotContain("<");
    }
}
