package io.culvert.web.http;

import java.util.Map;

/** What a call answers, still to be made into bytes. Immutable; made into bytes by the web's loop. */
public interface Payload {
    /** The body. */
    byte[] bytes();

    /** Headers that this kind of answer has beside those of every answer, {@code Content-Type} among them. */
    Map<String, String> headers();
}
