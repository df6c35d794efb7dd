package io.culvert.client;

import java.io.IOException;

/**
 * How people sign in. Immutable, any thread.
 *
 * @param open nobody is asked
 * @param password with a password of the server's
 * @param provider with an identity provider
 */
public record Ways(boolean open, boolean password, boolean provider) {
    static Ways read(Answer answer) throws IOException {
        return new Ways(answer.truth("open"), answer.truth("password"), answer.truth("provider"));
    }
}
