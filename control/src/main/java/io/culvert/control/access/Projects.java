package io.culvert.control.access;

import io.culvert.control.Caller;
import io.culvert.control.ConflictException;
import io.culvert.control.FieldPath;
import io.culvert.control.ForbiddenException;
import io.culvert.control.InvalidRequestException;
import io.culvert.control.NotFoundException;
import io.culvert.control.caller.Permission;
import io.culvert.control.caller.Quotas;
import io.culvert.control.caller.Role;
import io.culvert.control.caller.Verdict;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;

/** Projects and who is what in them; rules as in {@link Users}. Reading is for whoever sees the project, changes are for admins. Any thread. */
public final class Projects {
    private final AccessBook book;
    private final InstantSource clock;
    private volatile Predicate<String> inUse = project -> false;

    Projects(AccessBook book, InstantSource clock) {
        this.book = book;
        this.clock = clock;
    }

    void watch(Predicate<String> used) {
        inUse = used;
    }

    /** Those that the caller sees, by name. */
    public List<Project> list(Caller caller) {
        return book.now()
                .projects()
                .filter(project -> caller.grants().sees(project.name()))
                .toList();
    }

    /** One that the caller sees. */
    public Project find(Caller caller, String name) {
        return book.now()
                .project(name)
                .filter(project -> caller.grants().sees(name))
                .orElseThrow(() -> new NotFoundException("project", name));
    }

    /** Whether it is there and what it may have, whoever asks; empty where it is not there. For the control plane. */
    public Optional<Quotas> quotas(String name) {
        return book.now().project(name).map(Project::quotas);
    }

    /** Makes one, empty. */
    public CompletionStage<Project> create(Caller caller, String name, String title, Quotas quotas) {
        return Users.checked(() -> {
            AccessGate.admin(caller, "projects");
            AccessRules.checkProjectName(name);
            AccessRules.checkTitle(title);
            checkQuotas(quotas);
            return book.change(() -> {
                if (book.now().project(name).isPresent()) {
                    throw new ConflictException("project: '" + name + "' is there already");
                }
                Project project =
                        new Project(name, title, quotas, clock.instant().truncatedTo(ChronoUnit.MICROS));
                book.apply(new AccessChanges().put(project));
                return project;
            });
        });
    }

    /** Changes one; empty for as it is. */
    public CompletionStage<Project> change(
            Caller caller, String name, Optional<String> title, Optional<Quotas> quotas) {
        return Users.checked(() -> {
            Project seen = find(caller, name);
            AccessGate.admin(caller, "project: '" + seen.name() + "'");
            title.ifPresent(AccessRules::checkTitle);
            quotas.ifPresent(Projects::checkQuotas);
            return book.change(() -> {
                Project old = find(caller, name);
                Project project =
                        new Project(name, title.orElse(old.title()), quotas.orElse(old.quotas()), old.created());
                book.apply(new AccessChanges().put(project));
                return project;
            });
        });
    }

    /** Takes an empty one away, with its roles and keys; refused where something is in it, and for {@code default}. */
    public CompletionStage<Void> remove(Caller caller, String name) {
        return Users.checked(() -> {
            Project seen = find(caller, name);
            AccessGate.admin(caller, "project: '" + seen.name() + "'");
            if (name.equals(Project.DEFAULT)) {
                throw new ConflictException("project: '" + name + "' is always there");
            }
            return book.change(() -> {
                Project there = find(caller, name);
                if (inUse.test(there.name())) {
                    throw new ConflictException("project: '" + name + "' is not empty");
                }
                book.apply(new AccessChanges().goneProject(name));
                return null;
            });
        });
    }

    /** Who is what in it, by name; for those with {@code members} there. */
    public List<Member> members(Caller caller, String project) {
        AccessState state = book.now();
        Project seen = find(caller, project);
        if (caller.grants().inProject(Permission.MEMBERS, seen.name()) != Verdict.ALLOWED) {
            throw new ForbiddenException("members of '" + project + "' (expected: members)");
        }
        return state.users()
                .flatMap(user -> Optional.ofNullable(state.roles(user.name()).get(project)).stream()
                        .map(role -> new Member(project, user.name(), role)))
                .toList();
    }

    /** Makes a user a member, or another kind of one. */
    public CompletionStage<Member> putMember(Caller caller, String project, String user, Role role) {
        return Users.checked(() -> {
            Project seen = find(caller, project);
            AccessGate.admin(caller, "members of '" + seen.name() + "'");
            return book.change(() -> {
                Project there = find(caller, project);
                if (book.now().user(user).isEmpty()) {
                    throw new NotFoundException("user", user);
                }
                Member member = new Member(there.name(), user, role);
                book.apply(new AccessChanges().put(member));
                return member;
            });
        });
    }

    /** Takes the role away; not found where there is none. */
    public CompletionStage<Void> removeMember(Caller caller, String project, String user) {
        return Users.checked(() -> {
            Project seen = find(caller, project);
            AccessGate.admin(caller, "members of '" + seen.name() + "'");
            return book.change(() -> {
                if (!book.now().roles(user).containsKey(project)) {
                    throw new NotFoundException("user", user);
                }
                book.apply(new AccessChanges().goneMember(project, user));
                return null;
            });
        });
    }

    private static void checkQuotas(Quotas quotas) {
        notNegative("tunnels", quotas.tunnels().isPresent() ? quotas.tunnels().getAsInt() : 0);
        notNegative("ports", quotas.ports().isPresent() ? quotas.ports().getAsInt() : 0);
        notNegative(
                "sessions", quotas.sessions().isPresent() ? quotas.sessions().getAsInt() : 0);
        notNegative(
                "connections",
                quotas.connections().isPresent() ? quotas.connections().getAsInt() : 0);
        notNegative(
                "bytes_per_month",
                quotas.bytesPerMonth().isPresent() ? quotas.bytesPerMonth().getAsLong() : 0);
        if (quotas.pools().isPresent()
                && quotas.pools().get().stream().anyMatch(pool -> pool.isEmpty() || pool.length() > 64)) {
            throw new InvalidRequestException(
                    FieldPath.of("quotas", "pools"), "one that is empty or too long", "names of pools");
        }
    }

    private static void notNegative(String field, long value) {
        if (value < 0) {
            throw new InvalidRequestException(FieldPath.of("quotas", field), String.valueOf(value), "0 or more");
        }
    }
}
