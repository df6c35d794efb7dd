package io.culvert.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.json.pointer.JsonPointer;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each fault that the contract cannot say and the control plane finds: it is told with the place in the request where it stands. What the
 * contract says itself is walked by {@link V1FuzzTest}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FaultPlacesTest {
    private final ContractBook book = new ContractBook();
    private RunningServer server;
    private long tunnel;

    @BeforeAll
    void start(@TempDir Path data) {
        server = RunningServer.keyed(data);
        JsonObject body = json("{'exposes':[{'target':'127.0.0.1:22'}]}");
        tunnel = new JsonObject(server.json("/api/v1/tunnels", body.encode()).body()).getLong("id");
        server.json(
                "/api/v1/projects",
                json("{'name':'web','quotas':{'pools':['web']}}").encode());
        server.json("/api/v1/projects", json("{'name':'many'}").encode());
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private static JsonObject json(String text) {
        return new JsonObject(text.replace('\'', '"'));
    }

    private static Arguments create(String field, String more) {
        return arguments("createTunnel", "/tunnels", "{'exposes':[{'target':'127.0.0.1:22'}]," + more + "}", field);
    }

    private static Arguments exposes(String field, String exposes) {
        return arguments("createTunnel", "/tunnels", "{'exposes':[" + exposes + "]}", field);
    }

    private static Arguments patch(String field, String body) {
        return arguments("changeTunnel", "/tunnels/{id}", body, field);
    }

    static Stream<Arguments> faults() {
        return Stream.of(
                        ofTunnels(),
                        ofTerms().map(term -> create((String) term.get()[0], (String) term.get()[1])),
                        ofTerms().map(term -> patch((String) term.get()[0], "{" + term.get()[1] + "}")),
                        ofPorts(),
                        ofPeople())
                .flatMap(each -> each);
    }

    private static Stream<Arguments> ofTunnels() {
        String one = "{'target':'127.0.0.1:22'}";
        return Stream.of(
                create("/project", "'project':'nowhere'"),
                exposes("/exposes/1/target", one + ",{'target':'127.0.0.1:70000'}"),
                exposes("/exposes/0/target", "{'target':'a\\u0001b:22'}"),
                exposes("/exposes/1/port", "{'target':'a:22','port':24999},{'target':'a:23','port':24999}"),
                exposes("/exposes/0/bind", "{'target':'a:22','bind':'localhost'}"),
                exposes("/exposes/1/bind", one + ",{'target':'a:22','bind':'192.0.2.1'}"),
                exposes("/exposes/0/pool", "{'target':'a:22','pool':'none'}"),
                exposes("/exposes/2/pool", one + "," + one + ",{'target':'a:22','pool':'none'}"),
                create("/bridge/port", "'bridge':{'port':24999},'exposes':[{'target':'a:22','port':24999}]"),
                create("/exposes/0/pool", "'project':'web'"),
                create("/exposes/0/port", "'project':'web','exposes':[{'target':'a:22','port':24999}]"),
                arguments(
                        "createTunnels",
                        "/tunnels/bulk-create",
                        "{'tunnels':[{'exposes':[" + one + "]},{'exposes':[" + one + "],'lease':{'grace_seconds':1}}]}",
                        "/tunnels/1/lease/grace_seconds"),
                arguments(
                        "createTunnels",
                        "/tunnels/bulk-create",
                        "{'tunnels':[{'exposes':[{'target':'a:70000'}]}]}",
                        "/tunnels/0/exposes/0/target"));
    }

    /** What a new tunnel and a change have alike. */
    private static Stream<Arguments> ofTerms() {
        return Stream.of(
                arguments("/name", "'name':'   '"),
                arguments("/name", "'name':'a\\u0007'"),
                arguments("/comment", "'comment':'a\\u001b'"),
                arguments("/labels/ci~1build", "'labels':{'ci/build':'a\\u0007'}"),
                arguments("/lease/grace_seconds", "'lease':{'grace_seconds':60}"),
                arguments("/lease/renew_by", "'lease':{'renew_by':'session'}"),
                arguments("/lease/warn_before_seconds/0", "'lease':{'warn_before_seconds':[5]}"),
                arguments("/lease/warn_before_seconds/1", "'lease':{'ttl_seconds':60,'warn_before_seconds':[5,60]}"),
                arguments("/lease/expires_at", "'lease':{'expires_at':'2001-01-01T00:00:00Z'}"),
                arguments("/lease/expires_at", "'lease':{'expires_at':'9999-12-31T23:59:59-18:00'}"),
                arguments("/lease/on_expiry/drain_seconds", "'lease':{'on_expiry':{'action':'cut','drain_seconds':5}}"),
                arguments("/policies/visitors/allow/1", "'policies':{'visitors':{'allow':['10.0.0.0/8','x.y']}}"),
                arguments("/policies/visitors/deny/0", "'policies':{'visitors':{'deny':['192.0.2.7/24']}}"));
    }

    private static Stream<Arguments> ofPorts() {
        return Stream.of(
                arguments("movePort", "/tunnels/{id}/move-port", "{'expose':3,'port':0}", "/expose"),
                arguments("probeTunnel", "/tunnels/{id}/probe", "{'expose':3}", "/expose"),
                arguments("reservePort", "/ports", "{'name':'   '}", "/name"),
                arguments("reservePort", "/ports", "{'name':'a','pool':'none'}", "/pool"),
                arguments("reservePort", "/ports", "{'name':'a','project':'nowhere'}", "/project"),
                arguments("reservePort", "/ports", "{'name':'a','project':'web','port':24999}", "/port"));
    }

    private static Stream<Arguments> ofPeople() {
        return Stream.of(
                arguments("createUser", "/users", "{'name':'open'}", "/name"),
                arguments("createUser", "/users", "{'name':'una','title':'a\\u0007'}", "/title"),
                arguments("createUser", "/users", "{'name':'una','password':'passwordpassword'}", "/password"),
                arguments("createProject", "/projects", "{'name':'p','title':'a\\u0007'}", "/title"),
                arguments("createKey", "/keys", "{'scopes':['tunnels:read'],'title':'a\\u0007'}", "/title"),
                arguments(
                        "createKey",
                        "/keys",
                        "{'scopes':['tunnels:read'],'expires_at':'2001-01-01T00:00:00Z'}",
                        "/expires_at"),
                arguments("createKey", "/keys", "{'scopes':['tunnels:read']}", "/user"),
                arguments("addWebhook", "/webhooks", "{'url':'ftp://a/'}", "/url"),
                arguments("addWebhook", "/webhooks", "{'url':'http://u:p@a/'}", "/url"),
                arguments("addWebhook", "/webhooks", "{'url':'http://169.254.169.254/'}", "/url"),
                arguments("addWebhook", "/webhooks", "{'url':'http://127.0.0.1/','project':'default'}", "/url"),
                arguments(
                        "addWebhook", "/webhooks", "{'url':'http://a/','secret':'0123456789abcde\\u00e9'}", "/secret"));
    }

    @ParameterizedTest(name = "{0} {2}: {3}")
    @MethodSource("faults")
    void eachFaultIsToldWhereItStands(String operation, String path, String text, String field) {
        JsonObject body = json(text);
        HttpResponse<String> response = send(operation, path, body);
        JsonObject answer = new JsonObject(response.body());
        JsonObject problem = answer.getJsonArray("results", new JsonArray()).stream()
                .map(result -> ((JsonObject) result).getJsonObject("problem"))
                .filter(found -> found != null)
                .findFirst()
                .orElse(answer);
        assertThat(problem.getInteger("status")).as(response.body()).isEqualTo(400);
        assertThat(problem.getJsonArray("errors")).as(response.body()).hasSize(1);
        JsonObject flaw = problem.getJsonArray("errors").getJsonObject(0);
        assertThat(flaw.getString("field")).as(response.body()).isEqualTo(field);
        assertThat(problem.getString("detail")).startsWith(field + ": ");
        Object said = JsonPointer.from(field).queryJson(body);
        if (said == null) {
            assertThat(flaw.getString("value")).as("nothing was said there").isIn("", null);
        }
    }

    @Test
    void aParameterIsToldByItsName() {
        HttpResponse<String> response = send("deleteTunnel", "/tunnels/{id}?drain_seconds=5", new JsonObject());
        assertThat(new JsonObject(response.body())
                        .getJsonArray("errors")
                        .getJsonObject(0)
                        .getString("field"))
                .isEqualTo("drain_seconds");
    }

    private HttpResponse<String> send(String operation, String path, JsonObject body) {
        ContractBook.Entry entry = book.entry(operation);
        HttpResponse<String> response = server.send(server.to("/api/v1" + path.replace("{id}", String.valueOf(tunnel)))
                .header("Authorization", "Bearer " + RunningServer.KEY)
                .header("Content-Type", "application/json")
                .method(
                        entry.method(),
                        body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body.encode())));
        book.check(entry, response);
        return response;
    }
}
