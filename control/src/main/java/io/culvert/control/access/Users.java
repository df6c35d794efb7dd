package io.culvert.control.access;

import io.culvert.control.Caller;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Users, for admins. Reading looks at the snapshot and never waits; changes complete on {@code culvert-access} with a result or a
 * {@link io.culvert.control.ControlException}, when they hold for everybody. Any thread.
 *
 * <p>All of it is for {@code admin}: others get {@link io.culvert.control.ForbiddenException}.
 */
@SuppressWarnings("DoNotCallSuggester") // the face first: nothing is behind it yet
public final class Users {
    Users() {}

    /** All, by name. */
    public List<User> list(Caller caller) {
        throw new UnsupportedOperationException();
    }

    /** One; a caller who is no admin sees nobody but itself. */
    public User find(Caller caller, String name) {
        throw new UnsupportedOperationException();
    }

    /** Makes one, who must change the password at the first login. */
    public CompletionStage<CreatedUser> create(Caller caller, NewUser wanted) {
        throw new UnsupportedOperationException();
    }

    /** Changes one. The last admin who may sign in stays one. */
    public CompletionStage<User> change(Caller caller, String name, UserPatch patch) {
        throw new UnsupportedOperationException();
    }

    /** Takes one away, with keys, logins and roles; not the last admin. What the user made stays, with the name as its owner. */
    public CompletionStage<Void> remove(Caller caller, String name) {
        throw new UnsupportedOperationException();
    }

    /** Ends all logins of one. */
    public CompletionStage<Void> endLogins(Caller caller, String name) {
        throw new UnsupportedOperationException();
    }
}
