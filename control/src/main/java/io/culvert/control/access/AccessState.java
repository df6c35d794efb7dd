package io.culvert.control.access;

import io.culvert.control.SecretHash;
import io.culvert.control.caller.Grants;
import io.culvert.control.caller.Role;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** All that is known about access at a moment. Immutable, any thread. */
final class AccessState {
    private final Map<String, Project> projects;
    private final Map<String, StoredUser> users;
    /** By user, then by project. */
    private final Map<String, Map<String, Role>> roles;

    private final Map<String, StoredKey> keys;
    /** The same by what is kept of their secrets. */
    private final Map<SecretHash, StoredKey> keysByHash;

    private final Map<SecretHash, StoredLogin> logins;

    private AccessState(
            Map<String, Project> projects,
            Map<String, StoredUser> users,
            Map<String, Map<String, Role>> roles,
            Map<String, StoredKey> keys,
            Map<SecretHash, StoredLogin> logins) {
        this.projects = projects;
        this.users = users;
        this.roles = roles;
        this.keys = keys;
        this.keysByHash = new HashMap<>();
        keys.values().forEach(key -> keysByHash.put(key.hash(), key));
        this.logins = logins;
    }

    static AccessState of(AccessStore.Stored stored) {
        AccessChanges all = new AccessChanges();
        stored.projects().forEach(all::put);
        stored.users().forEach(all::put);
        stored.members().forEach(all::put);
        stored.keys().forEach(all::put);
        stored.logins().forEach(all::put);
        return new AccessState(Map.of(), Map.of(), Map.of(), Map.of(), Map.of()).with(all);
    }

    /** The same after these changes: what the store has after them too. */
    AccessState with(AccessChanges changes) {
        Map<String, Project> newProjects = new TreeMap<>(projects);
        Map<String, StoredUser> newUsers = new TreeMap<>(users);
        Map<String, Map<String, Role>> newRoles = new HashMap<>(roles);
        Map<String, StoredKey> newKeys = new HashMap<>(keys);
        Map<SecretHash, StoredLogin> newLogins = new HashMap<>(logins);
        Set<String> goneUsers = new HashSet<>(changes.goneUsers());
        Set<String> goneProjects = new HashSet<>(changes.goneProjects());
        newUsers.keySet().removeAll(goneUsers);
        newRoles.keySet().removeAll(goneUsers);
        newProjects.keySet().removeAll(goneProjects);
        goneProjects.forEach(
                project -> newRoles.replaceAll((user, all) -> all.containsKey(project) ? without(all, project) : all));
        changes.goneMembers()
                .forEach(gone -> newRoles.computeIfPresent(gone.user(), (user, all) -> without(all, gone.project())));
        newKeys.keySet().removeAll(new HashSet<>(changes.goneKeys()));
        Predicate<StoredKey> hanging = key -> goneUsers.contains(key.key().user())
                || key.key().project().filter(goneProjects::contains).isPresent();
        Set<String> ended = new HashSet<>(changes.goneLogins());
        if (!goneUsers.isEmpty() || !goneProjects.isEmpty()) {
            newKeys.values().removeIf(hanging);
        }
        if (!goneUsers.isEmpty() || !ended.isEmpty()) {
            newLogins.values().removeIf(login -> ended.contains(login.id()) || goneUsers.contains(login.user()));
        }
        changes.projects().forEach(project -> newProjects.put(project.name(), project));
        changes.users().forEach(user -> newUsers.put(user.name(), user));
        for (Member member : changes.members()) {
            Map<String, Role> all = new TreeMap<>(newRoles.getOrDefault(member.user(), Map.of()));
            all.put(member.project(), member.role());
            newRoles.put(member.user(), Map.copyOf(all));
        }
        changes.keys().forEach(key -> newKeys.put(key.key().id(), key));
        changes.logins().forEach(login -> newLogins.put(login.hash(), login));
        return new AccessState(newProjects, newUsers, newRoles, newKeys, newLogins);
    }

    private static Map<String, Role> without(Map<String, Role> all, String project) {
        Map<String, Role> left = new HashMap<>(all);
        left.remove(project);
        return Map.copyOf(left);
    }

    Optional<Project> project(String name) {
        return Optional.ofNullable(projects.get(name));
    }

    /** By name. */
    Stream<Project> projects() {
        return projects.values().stream();
    }

    Optional<StoredUser> user(String name) {
        return Optional.ofNullable(users.get(name));
    }

    /** Whom an identity provider calls so. */
    Optional<StoredUser> bySubject(String subject) {
        return users().filter(user -> user.subject().filter(subject::equals).isPresent())
                .findFirst();
    }

    /** By name. */
    Stream<StoredUser> users() {
        return users.values().stream();
    }

    Map<String, Role> roles(String user) {
        return roles.getOrDefault(user, Map.of());
    }

    Optional<StoredKey> key(String id) {
        return Optional.ofNullable(keys.get(id));
    }

    /** Found in a time that does not depend on which ids there are. */
    Optional<StoredKey> key(SecretHash hash) {
        return Optional.ofNullable(keysByHash.get(hash));
    }

    Stream<StoredKey> keys() {
        return keys.values().stream();
    }

    Optional<StoredLogin> login(SecretHash hash) {
        return Optional.ofNullable(logins.get(hash));
    }

    Stream<StoredLogin> logins() {
        return logins.values().stream();
    }

    Stream<StoredLogin> loginsOf(String user) {
        return logins().filter(login -> login.user().equals(user));
    }

    /** What this user may do, disabled or not. */
    Grants grants(StoredUser user) {
        return Grants.of(user.admin(), roles(user.name()), user.name());
    }

    /** The user as others see it. */
    User view(StoredUser user) {
        return new User(
                user.name(),
                user.title(),
                user.admin(),
                user.disabled(),
                user.mustChange(),
                user.sealedTotp().isPresent(),
                user.subject().isPresent(),
                user.created(),
                user.lastLogin(),
                roles(user.name()));
    }
}
