package io.culvert.app.e2e;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Somebody with a browser that follows no redirect by itself, so that a test sees each step of a sign-in. One thread. */
final class Person {
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** By host, as browsers keep them. The JDK's own would send them as RFC 2965 said, which no browser ever did. */
    private final Map<String, Map<String, String>> cookies = new HashMap<>();

    private final String server;
    private final String name;

    Person(String server, String name) {
        this.server = server;
        this.name = name;
    }

    /** Where the server leads one that would sign in with the provider. */
    URI start() {
        return location(get(server + "/ui/oidc/start"));
    }

    /** Goes to the provider, says name and password there if asked, and comes back with where one is sent then. */
    URI throughTheProvider(URI asked) {
        HttpResponse<String> answer = get(asked.toString());
        if (location(answer).getPath().equals("/login")) {
            HttpResponse<String> in = send(HttpRequest.newBuilder(asked.resolve("/login"))
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(HttpRequest.BodyPublishers.ofString("username=" + name + "&password="
                            + URLEncoder.encode(IdentityProvider.PASSWORD, StandardCharsets.UTF_8))));
            answer = get(location(in).toString());
        }
        return location(answer);
    }

    /** All of a sign-in: where the server leads one in the end. */
    String signIn() {
        return comeBack(throughTheProvider(start()));
    }

    /** Brings an answer of the provider: where the server leads one then. */
    String comeBack(URI answer) {
        return location(get(answer.toString())).toString().substring(server.length());
    }

    /** What the server's API says to this browser. */
    HttpResponse<String> api(String path) {
        return get(server + "/api/v1" + path);
    }

    /** Ends the login, as the page does. */
    HttpResponse<String> signOut(String csrf) {
        return send(HttpRequest.newBuilder(URI.create(server + "/api/v1/session"))
                .header("X-CSRF-Token", csrf)
                .DELETE());
    }

    /** A cookie that this browser has of the server. */
    Optional<String> cookie(String name) {
        return Optional.ofNullable(ofHost(URI.create(server)).get(name));
    }

    /** The same browser, with another value in a cookie. */
    void sets(String name, String value) {
        ofHost(URI.create(server)).put(name, value);
    }

    private Map<String, String> ofHost(URI address) {
        return cookies.computeIfAbsent(address.getHost(), host -> new HashMap<>());
    }

    private void keep(URI from, String setCookie) {
        String[] pair = setCookie.split(";", 2)[0].split("=", 2);
        if (setCookie.contains("Max-Age=0")) {
            ofHost(from).remove(pair[0]);
        } else {
            ofHost(from).put(pair[0], pair[1]);
        }
    }

    private HttpResponse<String> get(String address) {
        return send(HttpRequest.newBuilder(URI.create(address)).header("Accept", "text/html,*/*"));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            URI address = request.build().uri();
            ofHost(address).forEach((cookie, value) -> request.header("Cookie", cookie + "=" + value));
            HttpResponse<String> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            answer.headers().allValues("Set-Cookie").forEach(each -> keep(address, each));
            return answer;
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static URI location(HttpResponse<String> answer) {
        return answer.headers()
                .firstValue("Location")
                .map(answer.uri()::resolve)
                .orElseThrow(() -> new AssertionError(answer + " leads nowhere: " + answer.body()));
    }
}
