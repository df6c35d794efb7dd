package io.culvert.web.http;

import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;

/** Ends connections that nothing else ends. Stateless; only the connection's loop may call. */
public final class Cut {
    private Cut() {}

    /**
     * Closes a connection, whatever waits to be written. Vert.x's own close (5.0.10) goes behind what waits, so where the peer does not read it
     * does nothing; this goes the way of its idle timeout.
     */
    public static void now(HttpConnection connection) {
        if (connection instanceof ConnectionBase base) {
            base.channelHandlerContext().close();
        } else {
            connection.close();
        }
    }

    /**
     * Does a step of a request. Where it fails in a way that nobody foresaw, the memory or the stack being at its end, nobody would answer: so the
     * connection is closed.
     *
     * @throws RuntimeException what the step throws, and so its Errors, for Vert.x to log
     */
    public static void onFailure(HttpServerRequest request, Runnable step) {
        try {
            step.run();
        } catch (RuntimeException | Error e) {
            now(request.connection());
            throw e;
        }
    }
}
