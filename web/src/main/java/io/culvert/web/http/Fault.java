package io.culvert.web.http;

/**
 * What a caller is told of a request that was refused. Immutable, any thread.
 *
 * @param status the HTTP status, 400 to 599
 * @param info one line
 */
public record Fault(int status, String info) {
    /** The seed's shape of an error. */
    public Answer answer() {
        return json -> {
            json.writeStartObject();
            json.writeStringField("status", "error");
            json.writeStringField("error_info", info);
            json.writeEndObject();
        };
    }
}
