package io.culvert.web.http;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes answers; {@link Guard} has put the headers of all of them there already. Only the request's loop may call. */
public final class Responses {
    private static final String PRODUCT_API = "/api/v1";

    private Responses() {}

    /** Sends an answer of an API; nothing happens where the request was answered already. */
    public static Future<Void> answer(HttpServerRequest request, int status, Payload answer) {
        if (isOver(request)) {
            return Future.succeededFuture();
        }
        byte[] body = answer.bytes();
        HttpServerResponse response = request.response();
        answer.headers().forEach(response::putHeader);
        response.putHeader("Cache-Control", "no-store");
        return send(response.setStatusCode(status), request.method().equals(HttpMethod.HEAD), body);
    }

    /**
     * Sends an answer of an API that may be long; nothing happens where the request was answered already. Where too much is unsent already, it is dropped and
     * the caller told to come again.
     *
     * @param headers beside those of its kind
     * @param who asked, as {@link Unsent} counts
     * @param must true where something was done that the caller has to be told of: then it goes out all the same
     */
    public static void answer(
            HttpServerRequest request,
            int status,
            Map<String, String> headers,
            Payload answer,
            Unsent unsent,
            String who,
            boolean must) {
        if (isOver(request)) {
            return;
        }
        byte[] body = answer.bytes();
        boolean head = request.method().equals(HttpMethod.HEAD);
        boolean sent = unsent.send(who, head ? 0 : body.length, must, () -> {
            HttpServerResponse response = request.response();
            headers.forEach(response::putHeader);
            answer.headers().forEach(response::putHeader);
            response.putHeader("Cache-Control", "no-store");
            return send(response.setStatusCode(status), head, body);
        });
        if (!sent) {
            tooMuchUnsent(request);
        }
    }

    /** Refuses a request since nobody reads the answers that there are. Nothing was done. */
    public static void tooMuchUnsent(HttpServerRequest request) {
        request.response().putHeader("Retry-After", "1");
        fault(request, new Fault(503, Unsent.REFUSAL));
    }

    /** An answer that broke off midway cannot be mended: its connection is closed, so that the reader knows. */
    private static boolean isOver(HttpServerRequest request) {
        HttpServerResponse response = request.response();
        if (response.ended() || response.closed()) {
            return true;
        }
        if (response.headWritten()) {
            Cut.now(request.connection());
            return true;
        }
        return false;
    }

    /** Says that it is done and there is nothing more to say. */
    public static Future<Void> nothing(HttpServerRequest request) {
        HttpServerResponse response = request.response();
        return response.ended() || response.closed()
                ? Future.succeededFuture()
                : response.setStatusCode(204)
                        .putHeader("Cache-Control", "no-store")
                        .end();
    }

    /** Tells a fault in the shape of the API that was called. */
    public static Future<Void> fault(HttpServerRequest request, Fault fault) {
        @Nullable String path = request.path();
        if (path != null && (path.equals(PRODUCT_API) || path.startsWith(PRODUCT_API + "/"))) {
            return problem(request, Problem.of(fault));
        }
        challenge(request, fault.status());
        return answer(request, fault.status(), fault.answer());
    }

    /** Tells a problem. */
    public static Future<Void> problem(HttpServerRequest request, Problem problem) {
        challenge(request, problem.status());
        return answer(request, problem.status(), problem);
    }

    private static void challenge(HttpServerRequest request, int status) {
        if (status == 401) {
            request.response().putHeader("WWW-Authenticate", "Bearer realm=\"culvert\"");
        }
    }

    /** Tells a fault and closes the connection: what else comes on it cannot be trusted or waited for. */
    public static void last(HttpServerRequest request, Fault fault) {
        request.response().putHeader("Connection", "close");
        fault(request, fault).onComplete(sent -> request.connection().close());
    }

    /** Refuses a method. */
    public static Future<Void> methodNotAllowed(HttpServerRequest request, List<HttpMethod> allowed) {
        List<String> names = allowed.stream().map(HttpMethod::name).toList();
        request.response().putHeader("Allow", String.join(", ", names));
        return fault(
                request, new Fault(405, "method: not allowed here (expected: " + String.join(" or ", names) + ")"));
    }

    /**
     * Sends a body, or its length only.
     *
     * @param head true where the request was a HEAD
     */
    public static Future<Void> send(HttpServerResponse response, boolean head, byte[] body) {
        response.putHeader("Content-Length", Integer.toString(body.length));
        return head ? response.end() : response.end(Buffer.buffer(body));
    }

    /**
     * Sends a body that may be long, or its length only.
     *
     * @param head true where the request was a HEAD
     * @param who asked, as {@link Unsent} counts
     * @param prepare puts the headers; not called where the body is refused
     * @return false where too much is unsent already; nothing was done then
     */
    public static boolean send(
            HttpServerResponse response, boolean head, byte[] body, Unsent unsent, String who, Runnable prepare) {
        return unsent.send(who, head ? 0 : body.length, false, () -> {
            prepare.run();
            return send(response, head, body);
        });
    }
}
