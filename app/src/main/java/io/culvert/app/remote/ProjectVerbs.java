package io.culvert.app.remote;

import io.culvert.app.config.ConfigException;
import io.culvert.app.process.CommandFailure;
import io.culvert.app.process.ExitCode;
import io.culvert.app.process.Humane;
import io.culvert.client.Project;
import io.culvert.client.Quotas;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** {@code culvert project}: projects, their quotas, and who is what in them. Any thread. */
final class ProjectVerbs {
    private static final Option<String> TITLE = Option.of("title", Values.TEXT, "What people call it.");
    private static final Option<Optional<Long>> TUNNELS =
            Option.of("tunnels", Values.COUNT_OR_NONE, "The most tunnels; none: no bound.");
    private static final Option<Optional<Long>> PORTS =
            Option.of("ports", Values.COUNT_OR_NONE, "The most ports: exposes, bridge ports, reservations.");
    private static final Option<Optional<Long>> SESSIONS =
            Option.of("sessions", Values.COUNT_OR_NONE, "The most connected agents.");
    private static final Option<Optional<Long>> CONNECTIONS =
            Option.of("connections", Values.COUNT_OR_NONE, "The most visitors' connections.");
    private static final Option<Optional<Long>> BYTES =
            Option.of("bytes-per-month", Values.SIZE_OR_NONE, "The most bytes of a month, both directions.");
    private static final Option<Optional<String>> POOL = Option.many(
            "pool", Values.NAME_OR_NONE, "A pool that its ports may come from; may be repeated; none: every pool.");
    private static final Option<String> ROLE =
            Option.word("role", "What the user shall be.", "viewer", "member", "operator");
    private static final List<Option<?>> QUOTAS = List.of(TUNNELS, PORTS, SESSIONS, CONNECTIONS, BYTES, POOL);

    private ProjectVerbs() {}

    static List<Verb> all() {
        List<Option<?>> settings =
                Stream.concat(Stream.of(TITLE), QUOTAS.stream()).toList();
        return List.of(
                new Verb(
                        "create",
                        "Make a project.",
                        "NAME",
                        "1 to 40 of a-z 0-9 -",
                        settings,
                        List.of("project create lab --title 'The lab' --tunnels 100 --pool web"),
                        ProjectVerbs::create),
                new Verb(
                        "list",
                        "List projects, what they may have and what they have.",
                        "",
                        "",
                        List.of(),
                        List.of("project list"),
                        ProjectVerbs::list),
                new Verb(
                        "set",
                        "Change a project: what is named is changed, the rest stays. 'none' takes a bound away.",
                        "NAME",
                        "The project's.",
                        settings,
                        List.of("project set lab --tunnels 200 --ports none"),
                        ProjectVerbs::set),
                new Verb(
                        "members",
                        "List who is what in a project.",
                        "NAME",
                        "The project's.",
                        List.of(),
                        List.of("project members lab"),
                        ProjectVerbs::members),
                new Verb(
                        "grant",
                        "Give a user a role in a project, in place of the one that it has.",
                        "PROJECT USER",
                        "Their names.",
                        List.of(ROLE),
                        List.of("project grant lab anna --role member"),
                        ProjectVerbs::grant),
                new Verb(
                        "deny",
                        "Take a user's role in a project away.",
                        "PROJECT USER",
                        "Their names.",
                        List.of(),
                        List.of("project deny lab anna"),
                        ProjectVerbs::deny),
                new Verb(
                        "remove",
                        "Take empty projects away, with their roles and keys.",
                        "NAME...",
                        "The projects'.",
                        List.of(),
                        List.of("project remove lab"),
                        ProjectVerbs::remove));
    }

    private static int create(Call call) throws ConfigException, CommandFailure, IOException {
        Words words = call.words();
        String name = words.only("NAME");
        String title = words.find(TITLE).orElse("");
        Quotas quotas = quotas(words, Quotas.NONE);
        return say(call, call.remote().client().projects().create(name, title, quotas), "is made");
    }

    private static int set(Call call) throws ConfigException, CommandFailure, IOException {
        Words words = call.words();
        String name = words.only("NAME");
        Optional<String> title = words.find(TITLE);
        boolean bounds = QUOTAS.stream().anyMatch(words::has);
        if (title.isEmpty() && !bounds) {
            words.fault("nothing to change (expected: --title or a quota)");
        }
        quotas(words, Quotas.NONE); // its faults are told before the server is asked
        Call.Remote remote = call.remote();
        Optional<Quotas> quotas = bounds
                ? Optional.of(quotas(words, remote.client().projects().get(name).quotas()))
                : Optional.empty();
        return say(call, remote.client().projects().change(name, title, quotas), "is changed");
    }

    private static Quotas quotas(Words words, Quotas now) {
        List<Optional<String>> pools = words.all(POOL);
        return new Quotas(
                words.find(TUNNELS).orElse(now.tunnels()),
                words.find(PORTS).orElse(now.ports()),
                words.find(SESSIONS).orElse(now.sessions()),
                words.find(CONNECTIONS).orElse(now.connections()),
                words.find(BYTES).orElse(now.bytesPerMonth()),
                pools.isEmpty()
                        ? now.pools()
                        : Optional.of(pools.stream().flatMap(Optional::stream).toList())
                                .filter(names -> !names.isEmpty()));
    }

    private static int say(Call call, Project project, String what) {
        if (call.output().forPeople()) {
            call.output().line("project " + Humane.plain(project.name()) + " " + what);
        } else {
            call.output().document(project.document());
        }
        return ExitCode.OK;
    }

    private static int list(Call call) throws ConfigException, CommandFailure, IOException {
        List<Project> projects = call.remote().client().projects().list();
        if (!call.output().forPeople()) {
            call.output()
                    .documents(
                            "projects", projects.stream().map(Project::document).toList());
            return ExitCode.OK;
        }
        Table table = new Table("NAME", ">TUNNELS", ">PORTS", ">AGENTS", ">VISITORS", "MONTH", "POOLS", "TITLE");
        projects.forEach(project -> table.row(
                project.name(),
                of(project.used().tunnels(), project.quotas().tunnels()),
                of(project.used().ports(), project.quotas().ports()),
                of(project.used().sessions(), project.quotas().sessions()),
                of(project.used().connections(), project.quotas().connections()),
                Humane.bytes(project.used().bytesThisMonth())
                        + project.quotas()
                                .bytesPerMonth()
                                .map(most -> " of " + Humane.bytes(most))
                                .orElse(""),
                project.quotas().pools().map(pools -> String.join(" ", pools)).orElse("-"),
                project.title()));
        call.output().table(table, "no projects");
        return ExitCode.OK;
    }

    private static String of(long used, Optional<Long> most) {
        return used + most.map(bound -> " of " + bound).orElse("");
    }

    private static int members(Call call) throws ConfigException, CommandFailure, IOException {
        String name = call.words().only("NAME");
        List<Project.Member> members = call.remote().client().projects().members(name);
        if (!call.output().forPeople()) {
            call.output()
                    .documents(
                            "members",
                            members.stream().map(Project.Member::document).toList());
            return ExitCode.OK;
        }
        Table table = new Table("USER", "ROLE");
        members.forEach(member -> table.row(member.user(), member.role()));
        call.output().table(table, "nobody has a role there");
        return ExitCode.OK;
    }

    private static List<String> two(Words words) {
        if (words.operands().size() != 2) {
            words.fault("PROJECT USER: '" + String.join(" ", words.operands()) + "' (expected: one of each)");
            return List.of("", "");
        }
        return words.operands();
    }

    private static int grant(Call call) throws ConfigException, CommandFailure, IOException {
        List<String> names = two(call.words());
        Optional<String> role = call.words().find(ROLE);
        if (role.isEmpty() && !call.words().has(ROLE)) {
            call.words().fault("flag --role is missing (expected: viewer, member or operator)");
        }
        Call.Remote remote = call.remote();
        Project.Member member = remote.client().projects().putMember(names.get(0), names.get(1), role.orElseThrow());
        if (call.output().forPeople()) {
            call.output()
                    .line("user " + Humane.plain(member.user()) + " is " + member.role() + " in "
                            + Humane.plain(member.project()));
        } else {
            call.output().document(member.document());
        }
        return ExitCode.OK;
    }

    private static int deny(Call call) throws ConfigException, CommandFailure, IOException {
        List<String> names = two(call.words());
        call.remote().client().projects().removeMember(names.get(0), names.get(1));
        if (call.output().forPeople()) {
            call.output().line("user " + Humane.plain(names.get(1)) + " has no role in " + Humane.plain(names.get(0)));
        }
        return ExitCode.OK;
    }

    private static int remove(Call call) throws ConfigException, CommandFailure, IOException {
        List<String> names = call.words().some("NAME");
        Call.Remote remote = call.remote();
        return new Several(call.output()).each(names, name -> {
            remote.client().projects().remove(name);
            if (call.output().forPeople()) {
                call.output().line("project " + Humane.plain(name) + " is gone");
            }
        });
    }
}
