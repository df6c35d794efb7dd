package io.culvert.client;

import java.io.IOException;

/**
 * Where free ports are picked from. Immutable, any thread.
 *
 * @param from 0 where the system picks
 */
public record Pool(String name, int from, int to, int used, int reserved, int quarantined, Document document) {
    static Pool read(Answer answer) throws IOException {
        return new Pool(
                answer.text("name"),
                answer.count("from"),
                answer.count("to"),
                answer.count("used"),
                answer.count("reserved"),
                answer.count("quarantined"),
                answer.document());
    }
}
