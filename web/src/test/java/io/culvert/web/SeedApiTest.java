package io.culvert.web;

import static io.culvert.web.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.agent.Agent;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What scripts written for the seed rely on. */
class SeedApiTest {
    @TempDir
    Path data;

    private RunningServer server;

    @BeforeEach
    void start() {
        server = RunningServer.keyed(data);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void ourAgentsGoToTheServersPortInEitherApi() {
        JsonObject made = json(server.form("/api/create", "innet=22&bridge_tls=false"));
        JsonObject tunnel = json(server.get("/api/v1/tunnels/" + made.getLong("id")));
        assertThat(tunnel.getJsonObject("bridge").getInteger("port"))
                .as("of its own, without TLS, for goproxy clients")
                .isEqualTo(made.getJsonObject("tunnel").getInteger("bridge_port"))
                .isNotEqualTo(server.tunnels.bridgePort());
        assertThat(tunnel.getInteger("agent_port"))
                .isEqualTo(made.getJsonObject("tunnel").getInteger("agent_port"))
                .isEqualTo(server.tunnels.bridgePort());
    }

    @Test
    void createsQueriesRenewsAndRemoves() {
        HttpResponse<String> created = server.form("/api/create", "innet=22&comment=jupyter+proxy&expire=120");
        assertThat(created.statusCode()).isEqualTo(200);
        assertThat(created.headers().firstValue("Content-Type")).hasValue("application/json");
        JsonObject answer = json(created);
        assertThat(answer.fieldNames()).containsExactly("status", "id", "tunnel", "join");
        JsonObject tunnel = answer.getJsonObject("tunnel");
        assertThat(tunnel.fieldNames())
                .containsExactly(
                        "innet_port",
                        "bridge_port",
                        "expose_port",
                        "comment",
                        "expire_time",
                        "last_check_time",
                        "from_last_check",
                        "exposes",
                        "state",
                        "sessions",
                        "visitors",
                        "bytes_in",
                        "bytes_out",
                        "protocol",
                        "compress",
                        "bridge_tls",
                        "datagrams_dropped",
                        "agent_port");
        assertThat(tunnel.getValue("innet_port")).isEqualTo(22);
        assertThat(tunnel.getInteger("bridge_port")).isBetween(1, 65535).isNotEqualTo(tunnel.getInteger("expose_port"));
        assertThat(tunnel.getValue("agent_port")).isEqualTo(server.tunnels.bridgePort());
        assertThat(tunnel.getInteger("expose_port")).isBetween(1, 65535);
        assertThat(tunnel.getString("comment")).isEqualTo("jupyter proxy");
        assertThat(tunnel.getValue("expire_time")).isEqualTo(120);
        assertThat(tunnel.getDouble("last_check_time"))
                .isBetween(Instant.now().getEpochSecond() - 60.0, Instant.now().getEpochSecond() + 60.0);
        assertThat(tunnel.getDouble("from_last_check")).isBetween(0.0, 60.0);

        long id = answer.getLong("id");
        JsonObject queried = json(server.get("/api/query?id=" + id));
        assertThat(queried.fieldNames()).containsExactly("status", "id", "tunnel");
        assertThat(queried.getString("status")).isEqualTo("success");
        assertThat(queried.getJsonObject("tunnel").getValue("expose_port")).isEqualTo(tunnel.getValue("expose_port"));

        HttpResponse<String> renewed = server.form("/api/heartbeat", "id=" + id);
        assertThat(renewed.body()).isEqualTo("{\"status\":\"success\",\"id\":" + id + "}");
        HttpResponse<String> removed = server.form("/api/remove", "id=" + id);
        assertThat(removed.body()).isEqualTo("{\"status\":\"success\",\"id\":" + id + "}");
        assertThat(server.get("/api/list").body()).isEqualTo("{\"status\":\"success\",\"data\":[]}");
        assertThat(server.get("/api/query?id=" + id).statusCode()).isEqualTo(404);
    }

    @Test
    void aBridgePortIsGivenBackAsItWasGiven() {
        int port = json(server.form("/api/create", "innet=22"))
                .getJsonObject("tunnel")
                .getInteger("bridge_port");
        assertThat(server.form("/api/create", "innet=22&bridge=" + port).body())
                .isEqualTo("{\"status\":\"error\",\"error_info\":\"bridge: " + port + " is held by tunnel 1\"}");
        server.form("/api/remove", "id=1");
        JsonObject tunnel = json(server.form("/api/create", "innet=22&compress=true&bridge_tls=false&bridge=" + port))
                .getJsonObject("tunnel");
        assertThat(tunnel.getInteger("bridge_port")).isEqualTo(port);
        assertThat(tunnel.getBoolean("compress")).isTrue();
        assertThat(tunnel.getBoolean("bridge_tls")).isFalse();
    }

    @Test
    void exposesMayCarryDatagrams() {
        // TCP and UDP count their ports apart. Somebody else on the machine
        // may have the TCP port of that number, so another is tried.
        JsonObject both = await().until(
                        () -> {
                            JsonObject all = json(server.form("/api/create", "exposes=53,123&protocol=udp"))
                                    .getJsonObject("tunnel");
                            assertThat(all.getString("protocol")).isEqualTo("udp");
                            int port = all.getInteger("expose_port");
                            return json(server.json(
                                            "/api/create",
                                            "{\"exposes\":\"53-" + port + ",udp://[::1]:53\",\"compress\":true}"))
                                    .getJsonObject("tunnel");
                        },
                        Objects::nonNull);
        assertThat(both.getString("protocol")).isEqualTo("tcp");
        assertThat(both.getBoolean("compress")).isTrue();
        assertThat(both.getJsonArray("exposes").getJsonObject(1).getString("protocol"))
                .isEqualTo("udp");
        assertThat(both.getJsonArray("exposes").getJsonObject(1).getString("innet_host"))
                .isEqualTo("::1");
    }

    @Test
    void aHeartbeatSetsTheTimeSinceTheLastOneBack() {
        long id = json(server.form("/api/create", "innet=22")).getLong("id");
        double before = tunnel(id).getDouble("last_check_time");
        server.form("/api/heartbeat", "id=" + id);
        assertThat(tunnel(id).getDouble("last_check_time")).isGreaterThan(before);
    }

    @Test
    void listsInOrderWithLiveFigures() {
        List<Long> ids = List.of(
                json(server.form("/api/create", "innet=22")).getLong("id"),
                json(server.form("/api/create", "innet=80")).getLong("id"));
        JsonObject answer = json(server.get("/api/list"));
        assertThat(answer.fieldNames()).containsExactly("status", "data");
        JsonArray entries = answer.getJsonArray("data");
        assertThat(List.of(
                        entries.getJsonObject(0).getLong("id"),
                        entries.getJsonObject(1).getLong("id")))
                .isEqualTo(ids);
        assertThat(entries.getJsonObject(0).fieldNames()).containsExactly("id", "tunnel");
        JsonObject tunnel = entries.getJsonObject(1).getJsonObject("tunnel");
        assertThat(tunnel.getInteger("innet_port")).isEqualTo(80);
        assertThat(tunnel.getString("state")).isEqualTo("waiting");
        assertThat(tunnel.getInteger("sessions")).isZero();
    }

    @Test
    void theFiguresAreLive() throws IOException {
        try (EchoTarget target = new EchoTarget()) {
            JsonObject created = json(server.form("/api/create", "innet=" + target.port()));
            long id = created.getLong("id");
            int port = created.getJsonObject("tunnel").getInteger("expose_port");
            try (Agent agent = server.agent(created.getString("join"));
                    Socket visitor = server.visitor(port)) {
                assertThat(agent).isNotNull();
                visitor.getOutputStream().write(new byte[400]);
                assertThat(visitor.getInputStream().readNBytes(400)).hasSize(400);
                await().untilAsserted(() ->
                        assertThat(tunnel(id).getLong("bytes_out")).isEqualTo(400));
                JsonObject tunnel = tunnel(id);
                assertThat(tunnel.getString("state")).isEqualTo("up");
                assertThat(tunnel.getInteger("sessions")).isEqualTo(1);
                assertThat(tunnel.getInteger("visitors")).isEqualTo(1);
                assertThat(tunnel.getLong("bytes_in")).isEqualTo(400);
                assertThat(server.json("/api/v1/tunnels/" + id + "/pause", "").statusCode())
                        .isEqualTo(200);
                assertThat(tunnel(id).getString("state")).isEqualTo("paused");
            }
        }
    }

    @Test
    void severalExposesComeBackAsAListAndTheFirstFlat() {
        int port = json(server.form("/api/create", "innet=1"))
                .getJsonObject("tunnel")
                .getInteger("expose_port");
        server.form("/api/remove", "id=1");
        JsonObject tunnel = json(server.form("/api/create", "exposes=22-" + port + ",db.inner:5432"))
                .getJsonObject("tunnel");
        JsonArray exposes = tunnel.getJsonArray("exposes");
        assertThat(exposes.getJsonObject(0).getMap())
                .containsEntry("innet_port", 22)
                .containsEntry("expose_port", port)
                .containsEntry("innet_host", "127.0.0.1");
        assertThat(exposes.getJsonObject(1).getMap())
                .containsEntry("innet_port", 5432)
                .containsEntry("innet_host", "db.inner");
        assertThat(tunnel.getInteger("innet_port")).isEqualTo(22);
        assertThat(tunnel.getInteger("expose_port")).isEqualTo(port);
    }

    @ParameterizedTest
    @ValueSource(strings = {"60", "0.5", "-1", "0", "120.25", "315360000"})
    void theLeaseComesBackAsItWasGiven(String expire) {
        // -ea: 0.5 s and less may be over before it is queried, so the create's own answer is looked at.
        String body = server.form("/api/create", "innet=22&expire=" + expire).body();
        assertThat(body).contains("\"expire_time\":" + expire + ",");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "&expire=", "&expire=60.0", "&expire=6e1"})
    void sixtySecondsAreTheRule(String expire) {
        assertThat(server.form("/api/create", "innet=22" + expire).body()).contains("\"expire_time\":60,");
    }

    @Test
    void aFormThatSendsEveryFieldEmptyButOneIsAsGoodAsOneField() {
        HttpResponse<String> created = server.form("/api/create", "innet=22&exposes=&expose=&bridge=&comment=&expire=");
        assertThat(created.statusCode()).isEqualTo(200);
    }

    @Test
    void jsonMultipartAndFormSayTheSame() {
        JsonObject fromJson =
                json(server.json("/api/create", "{\"innet\":22,\"expire\":-1,\"comment\":\"中 \\\"x\\\"\"}"));
        String multipart = RunningServer.multipart("innet", "22", "expire", "-1", "comment", "中 \"x\"");
        JsonObject fromMultipart = json(server.post(
                "/api/create", "multipart/form-data; boundary=b", multipart.getBytes(StandardCharsets.UTF_8)));
        JsonObject fromForm = json(server.form("/api/create", "innet=22&expire=-1&comment=%E4%B8%AD+%22x%22"));
        for (JsonObject answer : List.of(fromJson, fromMultipart, fromForm)) {
            assertThat(answer.getJsonObject("tunnel").getString("comment")).isEqualTo("中 \"x\"");
            assertThat(answer.getJsonObject("tunnel").getValue("expire_time")).isEqualTo(-1);
        }
    }

    @Test
    void theKeyIsTakenFromHeaderQueryFormAndJson() {
        String key = RunningServer.KEY;
        assertThat(server.send(server.to("/api/list?key=" + key)).statusCode()).isEqualTo(200);
        assertThat(server.send(server.to("/api/list").header("Authorization", "bearer " + key))
                        .statusCode())
                .isEqualTo(200);
        assertThat(server.send(server.to("/api/create?key=" + key)
                                .header("Content-Type", "application/x-www-form-urlencoded")
                                .POST(BodyPublishers.ofString("innet=22")))
                        .statusCode())
                .isEqualTo(200);
        assertThat(server.send(server.to("/api/create")
                                .header("Content-Type", "application/x-www-form-urlencoded")
                                .POST(BodyPublishers.ofString("innet=22&key=" + key)))
                        .statusCode())
                .isEqualTo(200);
        assertThat(server.send(server.to("/api/create")
                                .header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString("{\"key\":\"" + key + "\",\"innet\":\"22\"}")))
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void headAnswersWithoutABody() {
        HttpResponse<String> list =
                server.send(server.to("/api/list?key=" + RunningServer.KEY).method("HEAD", BodyPublishers.noBody()));
        assertThat(list.statusCode()).isEqualTo(200);
        assertThat(list.body()).isEmpty();
        assertThat(list.headers().firstValue("Content-Length")).hasValue("30");
    }

    @Test
    void answersAreKeptByNobodyAndNameNoServer() {
        HttpResponse<String> list = server.get("/api/list");
        assertThat(list.headers().firstValue("Cache-Control")).hasValue("no-store");
        assertThat(list.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
        assertThat(list.headers().firstValue("Referrer-Policy")).hasValue("no-referrer");
        assertThat(list.headers().firstValue("Server")).isEmpty();
    }

    private JsonObject tunnel(long id) {
        return json(server.get("/api/query?id=" + id)).getJsonObject("tunnel");
    }
}
