package io.culvert.web.v1;

import io.culvert.control.PortHolding;
import io.culvert.control.Traffic;
import io.culvert.control.Tunnel;
import io.culvert.control.TunnelService;
import io.culvert.control.access.Member;
import io.culvert.control.access.Project;
import io.culvert.control.access.Projects;
import io.culvert.control.caller.Quotas;
import io.culvert.control.caller.Role;
import io.culvert.web.http.JsonPayload;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Projects, what they may have and have, and who is what in them. Thread-safe; never waits. */
final class ProjectOperations {
    private final Projects projects;
    private final TunnelService tunnels;

    ProjectOperations(Projects projects, TunnelService tunnels) {
        this.projects = projects;
        this.tunnels = tunnels;
    }

    Map<String, Work> works() {
        return Map.of(
                "listProjects",
                this::list,
                "createProject",
                this::create,
                "getProject",
                ask -> shown(ask, projects.find(ask.caller(), ask.text("project"))),
                "changeProject",
                this::change,
                "removeProject",
                this::remove,
                "listMembers",
                this::members,
                "putMember",
                this::putMember,
                "removeMember",
                this::removeMember);
    }

    private CompletionStage<Reply> list(Ask ask) {
        List<Project> seen = projects.list(ask.caller());
        return ask.reply(tunnels.ports(ask.caller()), ports -> {
            JsonArray list = new JsonArray();
            seen.forEach(project -> list.add(document(ask, project, ports)));
            return Reply.ok(new JsonObject().put("projects", list));
        });
    }

    private CompletionStage<Reply> shown(Ask ask, Project project) {
        return ask.reply(tunnels.ports(ask.caller()), ports -> Reply.ok(document(ask, project, ports)));
    }

    private CompletionStage<Reply> create(Ask ask) {
        JsonObject body = ask.body();
        String name = body.getString("name");
        return projects.create(
                        ask.caller(),
                        name,
                        body.getString("title", ""),
                        quotas(Quotas.NONE, body.getJsonObject("quotas", new JsonObject())))
                .thenApply(made -> {
                    ask.notes().target("project/" + name);
                    ask.notes().after(settings(made));
                    return new Reply.Whole(
                            201,
                            Map.of("Location", "/api/v1/projects/" + name),
                            new JsonPayload(document(ask, made, List.of())));
                });
    }

    private CompletionStage<Reply> change(Ask ask) {
        JsonObject body = ask.body();
        Project seen = projects.find(ask.caller(), ask.text("project"));
        ask.notes().before(settings(seen));
        Optional<Quotas> quotas =
                Optional.ofNullable(body.getJsonObject("quotas")).map(said -> quotas(seen.quotas(), said));
        return projects.change(ask.caller(), seen.name(), TunnelReader.text(body, "title"), quotas)
                .thenCompose(changed -> {
                    ask.notes().after(settings(changed));
                    return shown(ask, changed);
                });
    }

    private CompletionStage<Reply> remove(Ask ask) {
        String name = ask.text("project");
        ask.notes().before(settings(projects.find(ask.caller(), name)));
        return projects.remove(ask.caller(), name).thenApply(done -> new Reply.Empty());
    }

    private CompletionStage<Reply> members(Ask ask) {
        JsonArray list = new JsonArray();
        projects.members(ask.caller(), ask.text("project")).forEach(member -> list.add(document(member)));
        return CompletableFuture.completedFuture(Reply.ok(new JsonObject().put("members", list)));
    }

    private CompletionStage<Reply> putMember(Ask ask) {
        noteRole(ask);
        Role role = Role.of(ask.body().getString("role")).orElseThrow();
        return projects.putMember(ask.caller(), ask.text("project"), ask.text("user"), role)
                .thenApply(member -> {
                    ask.notes().after(document(member));
                    return Reply.ok(document(member));
                });
    }

    private CompletionStage<Reply> removeMember(Ask ask) {
        noteRole(ask);
        return projects.removeMember(ask.caller(), ask.text("project"), ask.text("user"))
                .thenApply(done -> new Reply.Empty());
    }

    private void noteRole(Ask ask) {
        projects.members(ask.caller(), ask.text("project")).stream()
                .filter(member -> member.user().equals(ask.text("user")))
                .forEach(member -> ask.notes().before(document(member)));
    }

    private static JsonObject document(Member member) {
        return new JsonObject()
                .put("project", member.project())
                .put("user", member.user())
                .put("role", member.role().word());
    }

    private static JsonObject settings(Project project) {
        return new JsonObject()
                .put("name", project.name())
                .put("title", project.title())
                .put("quotas", document(project.quotas()))
                .put("created_at", Units.time(project.created()));
    }

    private JsonObject document(Ask ask, Project project, List<PortHolding> ports) {
        int count = 0;
        long sessions = 0;
        long visitors = 0;
        for (Tunnel tunnel : tunnels.list(ask.caller())) {
            if (tunnel.project().equals(project.name())) {
                Traffic traffic = tunnels.traffic(tunnel);
                count++;
                sessions += traffic.sessions();
                visitors += traffic.visitors();
            }
        }
        long held = ports.stream()
                .filter(port -> port.project().equals(project.name()) && port.use() != PortHolding.Use.QUARANTINE)
                .count();
        return settings(project)
                .put(
                        "used",
                        new JsonObject()
                                .put("tunnels", count)
                                .put("ports", held)
                                .put("sessions", sessions)
                                .put("connections", visitors)
                                .put("bytes_this_month", tunnels.carriedThisMonth(project.name())));
    }

    private static JsonObject document(Quotas quotas) {
        return new JsonObject()
                .put("tunnels", orNone(quotas.tunnels()))
                .put("ports", orNone(quotas.ports()))
                .put("sessions", orNone(quotas.sessions()))
                .put("connections", orNone(quotas.connections()))
                .put(
                        "bytes_per_month",
                        quotas.bytesPerMonth().isPresent()
                                ? quotas.bytesPerMonth().getAsLong()
                                : null)
                .put(
                        "pools",
                        quotas.pools()
                                .map(pools ->
                                        new JsonArray(pools.stream().sorted().toList()))
                                .orElse(null));
    }

    private static @Nullable Integer orNone(OptionalInt bound) {
        return bound.isPresent() ? bound.getAsInt() : null;
    }

    /** What is named is changed, the rest stays; null takes a bound away. */
    private static Quotas quotas(Quotas before, JsonObject said) {
        return new Quotas(
                count(said, "tunnels", before.tunnels()),
                count(said, "ports", before.ports()),
                count(said, "sessions", before.sessions()),
                count(said, "connections", before.connections()),
                said.containsKey("bytes_per_month")
                        ? Optional.ofNullable((Number) said.getValue("bytes_per_month"))
                                .map(most -> OptionalLong.of(most.longValue()))
                                .orElse(OptionalLong.empty())
                        : before.bytesPerMonth(),
                said.containsKey("pools")
                        ? Optional.ofNullable(said.getJsonArray("pools")).map(ProjectOperations::names)
                        : before.pools());
    }

    private static Set<String> names(JsonArray pools) {
        return pools.stream().map(String::valueOf).collect(Collectors.toSet());
    }

    private static OptionalInt count(JsonObject said, String field, OptionalInt before) {
        if (!said.containsKey(field)) {
            return before;
        }
        return Optional.ofNullable((Number) said.getValue(field))
                .map(most -> OptionalInt.of(most.intValue()))
                .orElse(OptionalInt.empty());
    }
}
