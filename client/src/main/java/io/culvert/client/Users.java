package io.culvert.client;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;

/** Who may sign in; for admins. As {@link Tunnels}. Thread-safe. */
public final class Users {
    private final Api api;

    Users(Api api) {
        this.api = api;
    }

    /** All of them, by name. */
    public List<User> list() throws IOException {
        return api.get("users").answer().list("users", User::read);
    }

    /** One of them. */
    public User get(String name) throws IOException {
        return User.read(api.get(path(name)).answer());
    }

    /** Makes one, who has no role in any project yet. */
    public User.WithPassword create(String name, UserSettings user) throws IOException {
        ObjectNode body = user.json().put("name", name);
        return User.WithPassword.read(api.post("users").body(body).answer());
    }

    /** Changes what is named. */
    public User change(String name, UserSettings change) throws IOException {
        return User.read(api.patch(path(name)).body(change.json()).answer());
    }

    /** Takes one away, with its keys, logins and roles. What it made stays. */
    public void remove(String name) throws IOException {
        api.delete(path(name)).done();
    }

    /** Ends all logins of a user. */
    public void endLogins(String name) throws IOException {
        api.delete(path(name) + "/logins").repeatable().done();
    }

    private static String path(String name) {
        return "users/" + Query.segment(name);
    }
}
