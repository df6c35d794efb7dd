package io.culvert.web.v1;

import io.culvert.control.access.NewUser;
import io.culvert.control.access.User;
import io.culvert.control.access.UserPatch;
import io.culvert.control.access.Users;
import io.culvert.web.http.JsonPayload;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Who may sign in, for admins. Thread-safe; never waits. */
final class UserOperations {
    private final Users users;

    UserOperations(Users users) {
        this.users = users;
    }

    Map<String, Work> works() {
        return Map.of(
                "listUsers",
                this::list,
                "createUser",
                this::create,
                "getUser",
                ask -> CompletableFuture.completedFuture(
                        Reply.ok(document(users.find(ask.caller(), ask.text("user"))))),
                "changeUser",
                this::change,
                "removeUser",
                this::remove,
                "endLogins",
                ask -> users.endLogins(ask.caller(), ask.text("user")).thenApply(done -> new Reply.Empty()));
    }

    private CompletionStage<Reply> list(Ask ask) {
        JsonArray list = new JsonArray();
        users.list(ask.caller()).forEach(user -> list.add(document(user)));
        return CompletableFuture.completedFuture(Reply.ok(new JsonObject().put("users", list)));
    }

    private CompletionStage<Reply> create(Ask ask) {
        JsonObject body = ask.body();
        NewUser wanted = new NewUser(
                body.getString("name"),
                body.getString("title", ""),
                body.getBoolean("admin", false),
                TunnelReader.text(body, "password"));
        return users.create(ask.caller(), wanted).thenApply(made -> {
            String name = made.user().name();
            ask.notes().target("user/" + name);
            ask.notes().after(document(made.user()));
            return new Reply.Whole(
                    201,
                    Map.of("Location", "/api/v1/users/" + name),
                    new JsonPayload(document(made.user())
                            .put("password", made.password().orElse(null))));
        });
    }

    private CompletionStage<Reply> change(Ask ask) {
        JsonObject body = ask.body();
        String name = ask.text("user");
        ask.notes().before(document(users.find(ask.caller(), name)));
        UserPatch patch = new UserPatch(
                TunnelReader.text(body, "title"),
                Optional.ofNullable(body.getBoolean("admin")),
                Optional.ofNullable(body.getBoolean("disabled")),
                TunnelReader.text(body, "password"),
                body.getBoolean("drop_second_factor", false));
        return users.change(ask.caller(), name, patch).thenApply(changed -> {
            ask.notes().after(document(changed).put("new_password", body.containsKey("password")));
            return Reply.ok(document(changed));
        });
    }

    private CompletionStage<Reply> remove(Ask ask) {
        String name = ask.text("user");
        ask.notes().before(document(users.find(ask.caller(), name)));
        return users.remove(ask.caller(), name).thenApply(done -> new Reply.Empty());
    }

    private static JsonObject document(User user) {
        JsonObject roles = new JsonObject();
        new TreeMap<>(user.roles()).forEach((project, role) -> roles.put(project, role.word()));
        return new JsonObject()
                .put("name", user.name())
                .put("title", user.title())
                .put("admin", user.admin())
                .put("disabled", user.disabled())
                .put("must_change_password", user.mustChangePassword())
                .put("second_factor", user.secondFactor())
                .put("external", user.external())
                .put("created_at", Units.time(user.created()))
                .put("last_login", Units.time(user.lastLogin()))
                .put("roles", roles);
    }
}
