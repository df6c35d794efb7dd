package io.culvert.web.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of one request up to a bound. A body past it is refused with 413, but only once the caller has said it all: many
 * clients do not look for an answer before, and a connection closed under them would hide it. Only the request's loop may call.
 */
public final class BoundedBody {
    // What is thrown away for courtesy: past this the connection is closed.
    private static final long COURTESY = 16L << 20;

    private final HttpServerRequest request;
    private final int most;
    private final Buffer body = Buffer.buffer();
    private long seen;

    private BoundedBody(HttpServerRequest request, int most) {
        this.request = request;
        this.most = most;
    }

    /**
     * Reads the body.
     *
     * @param most longest body that is read, in bytes
     * @param whole gets the body; not called where it is refused
     */
    public static void read(HttpServerRequest request, int most, Consumer<byte[]> whole) {
        BoundedBody body = new BoundedBody(request, most);
        long declared = declared(request);
        boolean asks = "100-continue".equalsIgnoreCase(request.getHeader("Expect"));
        if (declared > COURTESY || (asks && declared > most)) {
            body.refuseAtOnce();
            return;
        }
        request.handler(body::take);
        request.endHandler(end -> Cut.onFailure(request, () -> {
            if (body.seen <= most) {
                whole.accept(body.body.getBytes());
            } else {
                Responses.fault(request, body.tooLong());
            }
        }));
        if (asks) {
            request.response().writeContinue();
        }
    }

    /** Lets a body that nobody wants pass by, and answers then, as after one that is too long. */
    public static void skip(HttpServerRequest request, Runnable answer) {
        if (request.isEnded()) {
            answer.run();
            return;
        }
        BoundedBody body = new BoundedBody(request, 0);
        if (declared(request) > COURTESY || "100-continue".equalsIgnoreCase(request.getHeader("Expect"))) {
            request.response().putHeader("Connection", "close");
            answer.run();
            return;
        }
        request.handler(body::take);
        request.endHandler(end -> Cut.onFailure(request, answer));
    }

    /** The length as declared; a declaration that is no number never gets here, the HTTP decoder refuses it. */
    private static long declared(HttpServerRequest request) {
        @Nullable String length = request.getHeader("Content-Length");
        return length == null ? 0 : Long.parseLong(length.strip());
    }

    private void take(Buffer chunk) {
        seen += chunk.length();
        if (seen <= most) {
            body.appendBuffer(chunk);
        } else if (seen > COURTESY) {
            refuseAtOnce();
        }
    }

    private void refuseAtOnce() {
        request.handler(ignored -> {});
        request.endHandler(end -> {});
        Responses.last(request, tooLong());
    }

    private Fault tooLong() {
        return new Fault(413, "body: too long (expected: at most " + most + " bytes)");
    }
}
