package io.culvert.web;

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
 * connection: while a head is awaited, and again from the head to the answer; an answer that nobody reads is the idle timeout's. Only that
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
        rearm(connection, vertx.setTimer(limits.request().toMillis(), late -> giveUp(request)));
    }

    /** An answer is on its way. */
    void answered(HttpConnection connection) {
        rearm(connection, awaitHead(connection));
    }

    private long awaitHead(HttpConnection connection) {
        return vertx.setTimer(limits.head().toMillis(), late -> connection.close());
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

    private void giveUp(HttpServerRequest request) {
        HttpServerResponse response = request.response();
        HttpConnection connection = request.connection();
        if (response.headWritten() && !response.ended() && !response.writeQueueFull()) {
            return; // a stream: it is written to all the time, so the idle timeout sees when its reader is gone
        }
        if (response.ended() || response.writeQueueFull()) {
            connection.close(); // there is nobody who reads answers
            return;
        }
        String limit = limits.request().toMillis() + " ms";
        Fault fault = request.isEnded()
                ? new Fault(
                        503, "no answer within " + limit + "; whether anything was changed is not known, see /api/list")
                : new Fault(408, "the request was not complete within " + limit);
        Responses.last(request, fault);
    }
}
