package io.culvert.web;

import io.culvert.web.http.Cut;
import io.culvert.web.http.Fault;
import io.culvert.web.http.Responses;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.HashMap;
import java.util.Map;

/**
 * The connections of one web loop: that none holds its place by dawdling. One timer runs for each
 * connection at every time: while a head is awaited, again from the head to the answer, and while it is being closed. Only that
 * loop may call.
 */
final class Connections {
    private final Vertx vertx;
    private final WebLimits limits;
    private final Map<HttpConnection, Long> timers = new HashMap<>();

    Connections(Vertx vertx, WebLimits limits) {
        this.vertx = vertx;
        this.limits = limits;
    }

    /** A fresh connection, its TLS handshake done where it has one. */
    void opened(HttpConnection connection) {
        timers.put(connection, awaitHead(connection));
        connection.closeHandler(closed -> {
            Long timer = timers.remove(connection);
            if (timer != null) {
                vertx.cancelTimer(timer);
            }
        });
    }

    /** The head of a request is there. */
    void began(HttpServerRequest request) {
        HttpConnection connection = request.connection();
        rearm(connection, vertx.setTimer(limits.request().toMillis(), late -> giveUp(request, false)));
    }

    /** An answer is on its way. */
    void answered(HttpConnection connection) {
        rearm(connection, awaitHead(connection));
    }

    private long awaitHead(HttpConnection connection) {
        return vertx.setTimer(limits.head().toMillis(), late -> {
            cutLater(connection);
            connection.close();
        });
    }

    /**
     * For a connection that is asked to close: it does so behind what it still has to write, which may take for ever where nobody reads.
     */
    private void cutLater(HttpConnection connection) {
        rearm(connection, vertx.setTimer(limits.idle().toMillis(), late -> cut(connection)));
    }

    private void cut(HttpConnection connection) {
        // First, as closing may fail where memory is at its end.
        cutLater(connection);
        Cut.now(connection);
    }

    /** Where the connection is gone, the new timer is of no use. */
    private void rearm(HttpConnection connection, long timer) {
        Long before = timers.get(connection);
        if (before == null) {
            vertx.cancelTimer(timer);
            return;
        }
        vertx.cancelTimer(before);
        timers.put(connection, timer);
    }

    /** @param wasFull whether a stream had a reader that did not keep up when it was looked at before */
    private void giveUp(HttpServerRequest request, boolean wasFull) {
        HttpServerResponse response = request.response();
        HttpConnection connection = request.connection();
        if (response.headWritten() && !response.ended()) {
            boolean full = response.writeQueueFull();
            if (full && wasFull) {
                cut(connection);
            } else {
                rearm(connection, vertx.setTimer(limits.request().toMillis(), late -> giveUp(request, full)));
            }
            return;
        }
        if (response.ended() || response.writeQueueFull()) {
            cut(connection); // there is nobody who reads answers
            return;
        }
        String limit = limits.request().toMillis() + " ms";
        Fault fault = request.isEnded()
                ? new Fault(
                        503, "no answer within " + limit + "; whether anything was changed is not known, see /api/list")
                : new Fault(408, "the request was not complete within " + limit);
        cutLater(connection);
        Responses.last(request, fault);
    }
}
