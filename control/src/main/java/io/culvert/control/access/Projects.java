package io.culvert.control.access;

import io.culvert.control.Caller;
import io.culvert.control.caller.Quotas;
import io.culvert.control.caller.Role;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Projects and who is what in them; rules as in {@link Users}. Reading is for whoever sees the project, changes are for admins. Any thread. */
@SuppressWarnings("DoNotCallSuggester") // the face first: nothing is behind it yet
public final class Projects {
    Projects() {}

    /** Those that the caller sees, by name. */
    public List<Project> list(Caller caller) {
        throw new UnsupportedOperationException();
    }

    /** One that the caller sees. */
    public Project find(Caller caller, String name) {
        throw new UnsupportedOperationException();
    }

    /** Whether it is there and what it may have, whoever asks; empty where it is not there. For the control plane. */
    public Optional<Quotas> quotas(String name) {
        throw new UnsupportedOperationException();
    }

    /** Makes one, empty. */
    public CompletionStage<Project> create(Caller caller, String name, String title, Quotas quotas) {
        throw new UnsupportedOperationException();
    }

    /** Changes one; empty for as it is. */
    public CompletionStage<Project> change(
            Caller caller, String name, Optional<String> title, Optional<Quotas> quotas) {
        throw new UnsupportedOperationException();
    }

    /** Takes an empty one away, with its roles and keys; refused where something is in it, and for {@code default}. */
    public CompletionStage<Void> remove(Caller caller, String name) {
        throw new UnsupportedOperationException();
    }

    /** Who is what in it, by name; for those with {@code members} there. */
    public List<Member> members(Caller caller, String project) {
        throw new UnsupportedOperationException();
    }

    /** Makes a user a member, or another kind of one. */
    public CompletionStage<Member> putMember(Caller caller, String project, String user, Role role) {
        throw new UnsupportedOperationException();
    }

    /** Takes the role away; not found where there is none. */
    public CompletionStage<Void> removeMember(Caller caller, String project, String user) {
        throw new UnsupportedOperationException();
    }
}
