package io.culvert.client;

import java.io.IOException;
import java.time.Instant;

/**
 * What a stock goproxy client serves a tunnel with. Immutable, any thread.
 *
 * @param certificates {@code proxy.crt}, PEM
 * @param key {@code proxy.key}, PEM: whoever has it can serve the tunnel
 * @param renewAt from when on another one is answered
 * @param endsAt until when these are good
 */
public record Bundle(String certificates, String key, Instant renewAt, Instant endsAt) {
    static Bundle read(Answer answer) throws IOException {
        return new Bundle(
                answer.text("certificates"), answer.text("key"), answer.time("renew_at"), answer.time("ends_at"));
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "Bundle[key=MASKED, endsAt=" + endsAt + "]";
    }
}
