package io.culvert.control;

/**
 * A join token as it is made, and its only copy: the server keeps a hash. Immutable, any thread.
 *
 * @param join the line that an agent joins with
 */
public record NewJoinToken(IssuedToken token, String join) {
    @Override
    public String toString() {
        return "NewJoinToken[" + token.id() + "]";
    }
}
