package io.culvert.web.v1;

import io.culvert.web.http.JsonPayload;
import io.culvert.web.http.Payload;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.util.Map;

/** What an operation answers: a whole document, or a stream that goes on. Immutable, any thread. */
sealed interface Reply {
    /**
     * A document, still to be written.
     *
     * @param status 200 to 299
     * @param headers beside those of its kind
     */
    record Whole(int status, Map<String, String> headers, Payload payload) implements Reply {
        public Whole {
            headers = Map.copyOf(headers);
        }
    }

    /**
     * Nothing to say.
     *
     * @param headers those that there are all the same
     */
    record Empty(Map<String, String> headers) implements Reply {
        public Empty {
            headers = Map.copyOf(headers);
        }

        Empty() {
            this(Map.of());
        }
    }

    /** Takes the request over, on its loop. */
    non-sealed interface Stream extends Reply {
        void begin(HttpServerRequest request);
    }

    static Reply ok(JsonObject object) {
        return new Whole(200, Map.of(), new JsonPayload(object));
    }
}
