package io.culvert.client;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Projects and who is what in them. As {@link Tunnels}. Thread-safe. */
public final class Projects {
    private final Api api;

    Projects(Api api) {
        this.api = api;
    }

    /** Those that the caller sees, by name. */
    public List<Project> list() throws IOException {
        return api.get("projects").answer().list("projects", Project::read);
    }

    /** One of them. */
    public Project get(String name) throws IOException {
        return Project.read(api.get(path(name)).answer());
    }

    /** Makes an empty one. */
    public Project create(String name, String title, Quotas quotas) throws IOException {
        ObjectNode body = Api.object().put("name", name).put("title", title);
        body.set("quotas", quotas.json());
        return Project.read(api.post("projects").body(body).answer());
    }

    /**
     * Changes what is named.
     *
     * @param quotas all of them, in place of those that it has
     */
    public Project change(String name, Optional<String> title, Optional<Quotas> quotas) throws IOException {
        ObjectNode body = Api.object();
        title.ifPresent(text -> body.put("title", text));
        quotas.ifPresent(bounds -> body.set("quotas", bounds.json()));
        return Project.read(api.patch(path(name)).body(body).answer());
    }

    /** Takes an empty one away, with its roles and keys. */
    public void remove(String name) throws IOException {
        api.delete(path(name)).done();
    }

    /** Who is what in it, by name. */
    public List<Project.Member> members(String name) throws IOException {
        return api.get(path(name) + "/members").answer().list("members", Project.Member::read);
    }

    /**
     * Gives a user a role, in place of the one that it has.
     *
     * @param role {@code viewer}, {@code member} or {@code operator}
     */
    public Project.Member putMember(String name, String user, String role) throws IOException {
        return Project.Member.read(api.put(member(name, user))
                .body(Api.object().put("role", role))
                .repeatable()
                .answer());
    }

    /** Takes a user's role away. */
    public void removeMember(String name, String user) throws IOException {
        api.delete(member(name, user)).done();
    }

    private static String path(String name) {
        return "projects/" + Query.segment(name);
    }

    private static String member(String name, String user) {
        return path(name) + "/members/" + Query.segment(user);
    }
}
