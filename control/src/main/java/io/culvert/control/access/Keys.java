package io.culvert.control.access;

import io.culvert.control.Caller;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** API keys; stages as in {@link Users}. A user sees its own, an operator those of the project, an admin all. Any thread. */
@SuppressWarnings("DoNotCallSuggester") // the face first: nothing is behind it yet
public final class Keys {
    Keys() {}

    /** Those that the caller may see, newest first, revoked ones too. */
    public List<ApiKey> list(Caller caller) {
        throw new UnsupportedOperationException();
    }

    /** One that the caller may see. */
    public ApiKey find(Caller caller, String id) {
        throw new UnsupportedOperationException();
    }

    /**
     * Makes one that can do no more than the caller. Made with a key, it does not live longer than that one, and is revoked with it.
     */
    public CompletionStage<CreatedKey> create(Caller caller, NewKey wanted) {
        throw new UnsupportedOperationException();
    }

    /** Revokes one, and those that were made with it. One that is revoked already stays so. */
    public CompletionStage<Void> revoke(Caller caller, String id) {
        throw new UnsupportedOperationException();
    }
}
