package io.culvert.web;

import io.culvert.web.http.Responses;
import io.culvert.web.http.Unsent;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * The page and what it is made of. Everything is found by its exact address, and read once, when first asked for: no path of a caller ever meets a
 * file name. The page's places ({@code /ui/manager}, {@code /ui/tunnel/7} …) are all one document, which looks at its own address.
 * Immutable, any thread.
 */
final class Assets {
    private static final String HTML = "text/html; charset=utf-8";
    private static final String SCRIPT = "text/javascript; charset=utf-8";
    private static final String STYLE = "text/css; charset=utf-8";
    private static final List<HttpMethod> READING = List.of(HttpMethod.GET, HttpMethod.HEAD);

    private static final List<String> PLACES = List.of("/ui/manager", "/ui/login", "/ui/server", "/ui/access");

    /** The scripts of the page, each a module of its name but for {@code early}, which runs before the first paint. */
    static final List<String> SCRIPTS = List.of(
            "early",
            "access",
            "actions",
            "addresses",
            "api",
            "app",
            "charts",
            "connect",
            "create",
            "dialogs",
            "events",
            "fields",
            "forms",
            "joins",
            "login",
            "manager",
            "policies",
            "rows",
            "server",
            "spark",
            "store",
            "tunnel",
            "view",
            "words",
            "words-en",
            "words-zh");

    private static final List<Source> SOURCES = List.of(
            new Source("/docs", "docs.html", HTML),
            new Source("/docs/docs.js", "docs.js", SCRIPT),
            new Source("/docs/docs.css", "docs.css", STYLE),
            new Source("/ui/culvert.css", "culvert.css", STYLE),
            new Source("/ui/app.css", "app.css", STYLE),
            new Source("/ui/culvert.svg", "culvert.svg", "image/svg+xml"));

    private record Source(String path, String resource, String type) {}

    private Assets() {}

    /** Gives each asset its address. */
    static void mount(Router router, Unsent unsent) {
        Asset page = load("app.html", HTML);
        PLACES.forEach(path -> give(router, path, page, unsent));
        router.routeWithRegex("/ui/tunnel/[0-9]{1,18}").handler(reading(request -> page.send(request, unsent)));
        SOURCES.forEach(source -> give(router, source.path(), load(source.resource(), source.type()), unsent));
        SCRIPTS.forEach(name -> give(router, "/ui/" + name + ".js", load(name + ".js", SCRIPT), unsent));
        Libraries.ALL.forEach(library ->
                give(router, library.path(), new Asset(library.isScript() ? SCRIPT : STYLE, library::read), unsent));
        give(router, "/docs/problems", new Asset(HTML, ProblemPage::html), unsent);
        for (String path : List.of("/", "/ui")) {
            router.route(path).handler(reading(request -> {
                request.response().setStatusCode(302).putHeader("Location", "/ui/manager");
                Responses.send(request.response(), true, new byte[0]);
            }));
        }
        router.route("/healthz").handler(reading(request -> {
            request.response().putHeader("Content-Type", "text/plain").putHeader("Cache-Control", "no-store");
            Responses.send(request.response(), request.method().equals(HttpMethod.HEAD), new byte[] {'o', 'k'});
        }));
    }

    private static void give(Router router, String path, Asset asset, Unsent unsent) {
        router.route(path).handler(reading(request -> asset.send(request, unsent)));
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

    private static Asset load(String resource, String type) {
        return new Asset(type, () -> read(resource));
    }

    private static byte[] read(String resource) {
        try (InputStream in = Assets.class.getResourceAsStream("ui/" + resource)) {
            if (in == null) {
                throw new IllegalStateException("asset: '" + resource + "' (expected: beside the classes)");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
