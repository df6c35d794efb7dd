package io.culvert.web;

import io.culvert.web.Faults.Fault;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;

/** Writes answers, each with the headers that keep a browser from making more of it than it is. Only the request's loop may call. */
final class Responses {
    private Responses() {}

    /** Sends an answer of the API; nothing happens where the request was answered already. */
    static Future<Void> answer(HttpServerResponse response, boolean head, int status, Payload answer) {
        if (response.ended() || response.closed()) {
            return Future.succeededFuture();
        }
        byte[] body = answer.bytes();
        answer.headers().forEach(response::putHeader);
        response.putHeader("Cache-Control", "no-store");
        return send(response.setStatusCode(status), head, body);
    }

    /** Tells a fault. */
    static Future<Void> fault(HttpServerResponse response, boolean head, Fault fault) {
        if (fault.status() == 401) {
            response.putHeader("WWW-Authenticate", "Bearer realm=\"culvert\"");
        }
        return answer(response, head, fault.status(), fault.answer());
    }

    /** Tells a fault and closes the connection: what else comes on it cannot be trusted or waited for. */
    static void last(HttpServerResponse response, HttpConnection connection, Fault fault) {
        response.putHeader("Connection", "close");
        fault(response, false, fault).onComplete(sent -> connection.close());
    }

    /** Refuses a method. */
    static Future<Void> methodNotAllowed(HttpServerResponse response, HttpMethod method, List<HttpMethod> allowed) {
        List<String> names = allowed.stream().map(HttpMethod::name).toList();
        response.putHeader("Allow", String.join(", ", names));
        String info = "method: not allowed here (expected: " + String.join(" or ", names) + ")";
        return fault(response, method.equals(HttpMethod.HEAD), new Fault(405, info));
    }

    /**
     * Sends a body, or its length only.
     *
     * @param head true where the request was a HEAD
     */
    static Future<Void> send(HttpServerResponse response, boolean head, byte[] body) {
        response.putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("Referrer-Policy", "no-referrer")
                .putHeader("Content-Length", Integer.toString(body.length));
        return head ? response.end() : response.end(Buffer.buffer(body));
    }
}
