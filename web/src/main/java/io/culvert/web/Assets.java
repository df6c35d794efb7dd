package io.culvert.web;

import io.culvert.web.http.Responses;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * The page and what it is made of. Everything is read once, at start, and found by its exact address: no path of a caller ever meets a
 * file name. Immutable, any thread.
 */
final class Assets {
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
            + "img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    private static final String HTML = "text/html; charset=utf-8";
    private static final String SCRIPT = "text/javascript; charset=utf-8";
    private static final List<HttpMethod> READING = List.of(HttpMethod.GET, HttpMethod.HEAD);

    private static final List<Source> SOURCES = List.of(
            new Source("/ui/manager", "manager.html", HTML),
            new Source("/ui/login", "login.html", HTML),
            new Source("/ui/manager.js", "manager.js", SCRIPT),
            new Source("/ui/login.js", "login.js", SCRIPT),
            new Source("/ui/words.js", "words.js", SCRIPT),
            new Source("/ui/server.js", "server.js", SCRIPT),
            new Source("/docs", "docs.html", HTML),
            new Source("/docs/docs.js", "docs.js", SCRIPT),
            new Source("/docs/docs.css", "docs.css", "text/css; charset=utf-8"),
            new Source("/ui/culvert.css", "culvert.css", "text/css; charset=utf-8"),
            new Source("/ui/culvert.svg", "culvert.svg", "image/svg+xml"));

    private record Source(String path, String resource, String type) {}

    private static final class Asset {
        private final String type;
        private final byte[] bytes;
        private final String tag;

        private Asset(String type, byte[] bytes, String tag) {
            this.type = type;
            this.bytes = bytes;
            this.tag = tag;
        }
    }

    private Assets() {}

    /** Reads all assets and gives each its address. */
    static void mount(Router router) {
        for (Source source : SOURCES) {
            Asset asset = load(source);
            router.route(source.path()).handler(reading(request -> send(request, asset)));
        }
        Asset problems = asset(HTML, ProblemPage.html());
        router.route("/docs/problems").handler(reading(request -> send(request, problems)));
        for (String path : List.of("/", "/ui")) {
            router.route(path).handler(reading(request -> {
                request.response().setStatusCode(302).putHeader("Location", "/ui/manager");
                Responses.send(request.response(), true, new byte[0]);
            }));
        }
        router.route("/healthz").handler(reading(request -> {
            request.response().putHeader("Content-Type", "text/plain").putHeader("Cache-Control", "no-store");
            Responses.send(request.response(), isHead(request), new byte[] {'o', 'k'});
        }));
    }

    private static Handler<RoutingContext> reading(Handler<HttpServerRequest> work) {
        return context -> {
            HttpServerRequest request = context.request();
            if (READING.contains(request.method())) {
                work.handle(request);
            } else {
                Responses.methodNotAllowed(request, READING);
            }
        };
    }

    private static void send(HttpServerRequest request, Asset asset) {
        HttpServerResponse response = request.response()
                .putHeader("Content-Type", asset.type)
                .putHeader("Content-Security-Policy", POLICY)
                .putHeader("ETag", asset.tag)
                // An update of the server must reach an open browser: ask each time, which costs a 304.
                .putHeader("Cache-Control", "no-cache");
        if (asset.tag.equals(request.getHeader("If-None-Match"))) {
            response.putHeader("Referrer-Policy", "no-referrer")
                    .setStatusCode(304)
                    .end();
            return;
        }
        Responses.send(response, isHead(request), asset.bytes);
    }

    private static boolean isHead(HttpServerRequest request) {
        return request.method().equals(HttpMethod.HEAD);
    }

    private static Asset load(Source source) {
        try (InputStream in = Assets.class.getResourceAsStream("ui/" + source.resource())) {
            if (in == null) {
                throw new IllegalStateException("asset: '" + source.resource() + "' (expected: beside the classes)");
            }
            return asset(source.type(), in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Asset asset(String type, byte[] bytes) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            return new Asset(type, bytes, '"' + HexFormat.of().formatHex(digest, 0, 12) + '"');
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
