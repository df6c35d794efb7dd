package io.culvert.control.access;

import java.util.ArrayList;
import java.util.List;

/**
 * Changes that belong together. What goes takes with it what hangs on it: a user its roles, keys and logins; a project its roles and keys. What
 * is put is there afterwards as it is given, but for the moment of a key's or login's last use, which is told apart. Of one thread.
 */
public final class AccessChanges {
    /** A role that is taken away. */
    public record NoMember(String project, String user) {}

    private final List<String> goneUsers = new ArrayList<>();
    private final List<String> goneProjects = new ArrayList<>();
    private final List<NoMember> goneMembers = new ArrayList<>();
    private final List<String> goneKeys = new ArrayList<>();
    private final List<String> goneLogins = new ArrayList<>();
    private final List<Project> projects = new ArrayList<>();
    private final List<StoredUser> users = new ArrayList<>();
    private final List<Member> members = new ArrayList<>();
    private final List<StoredKey> keys = new ArrayList<>();
    private final List<StoredLogin> logins = new ArrayList<>();

    /** A user is taken away, by name. */
    public AccessChanges goneUser(String name) {
        goneUsers.add(name);
        return this;
    }

    /** A project is taken away, by name. */
    public AccessChanges goneProject(String name) {
        goneProjects.add(name);
        return this;
    }

    /** A role is taken away. */
    public AccessChanges goneMember(String project, String user) {
        goneMembers.add(new NoMember(project, user));
        return this;
    }

    /** A key is forgotten, by id; one that is revoked is put instead. */
    public AccessChanges goneKey(String id) {
        goneKeys.add(id);
        return this;
    }

    /** A login has ended, by id. */
    public AccessChanges goneLogin(String id) {
        goneLogins.add(id);
        return this;
    }

    public AccessChanges put(Project project) {
        projects.add(project);
        return this;
    }

    public AccessChanges put(StoredUser user) {
        users.add(user);
        return this;
    }

    public AccessChanges put(Member member) {
        members.add(member);
        return this;
    }

    public AccessChanges put(StoredKey key) {
        keys.add(key);
        return this;
    }

    public AccessChanges put(StoredLogin login) {
        logins.add(login);
        return this;
    }

    public List<String> goneUsers() {
        return goneUsers;
    }

    public List<String> goneProjects() {
        return goneProjects;
    }

    public List<NoMember> goneMembers() {
        return goneMembers;
    }

    public List<String> goneKeys() {
        return goneKeys;
    }

    public List<String> goneLogins() {
        return goneLogins;
    }

    public List<Project> projects() {
        return projects;
    }

    public List<StoredUser> users() {
        return users;
    }

    public List<Member> members() {
        return members;
    }

    public List<StoredKey> keys() {
        return keys;
    }

    public List<StoredLogin> logins() {
        return logins;
    }
}
