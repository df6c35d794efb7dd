package io.culvert.web.v1;

import io.culvert.control.access.AccessService;
import io.culvert.control.access.Credentials;
import io.culvert.control.access.Login;
import io.culvert.control.access.Logins;
import io.culvert.control.access.Origin;
import io.culvert.control.access.Project;
import io.culvert.control.access.SignedIn;
import io.culvert.control.access.Visit;
import io.culvert.control.caller.CallerKind;
import io.culvert.control.caller.Grants;
import io.culvert.control.caller.Permission;
import io.culvert.web.caller.Guest;
import io.culvert.web.caller.LoginCookie;
import io.culvert.web.caller.Sender;
import io.culvert.web.http.JsonPayload;
import io.culvert.web.http.Problem;
import io.culvert.web.http.ProblemException;
import io.culvert.web.http.ProblemType;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Who I am, and what a user does with its own login. Thread-safe; never waits. */
final class SessionOperations {
    private final AccessService access;
    private final boolean open;
    private final boolean provider;

    /**
     * @param access who may sign in; nobody does where nobody is asked
     * @param open true where nobody is asked
     * @param provider true where people sign in with an identity provider as well
     */
    SessionOperations(AccessService access, boolean open, boolean provider) {
        this.access = access;
        this.open = open;
        this.provider = provider;
    }

    Map<String, Work> works() {
        return Map.ofEntries(
                Map.entry("signIn", this::signIn),
                Map.entry("getSession", ask -> CompletableFuture.completedFuture(Reply.ok(session(ask.guest())))),
                Map.entry("getWays", this::ways),
                Map.entry("signOut", this::signOut),
                Map.entry("changePassword", this::changePassword),
                Map.entry("beginSecondFactor", this::beginSecondFactor),
                Map.entry("confirmSecondFactor", coded(Logins::confirmSecondFactor)),
                Map.entry("renewRecoveryCodes", coded(Logins::renewRecoveryCodes)),
                Map.entry("removeSecondFactor", this::removeSecondFactor),
                Map.entry("listLogins", this::list),
                Map.entry("endLogin", this::end));
    }

    private CompletionStage<Reply> signIn(Ask ask) {
        Sender sender = ask.sender();
        if (!sender.peer().isPrivate()) {
            throw refused(
                    "password: sent by plain http, where whoever is on the way can read it (expected: https; behind a proxy with TLS,"
                            + " name it to the server by --trusted-proxy)");
        }
        JsonObject body = ask.body();
        Credentials shown =
                new Credentials(body.getString("user"), body.getString("password"), TunnelReader.text(body, "code"));
        // Not whatever was typed: in a hurry people type their password there.
        if (logins().isUser(shown.user())) {
            ask.notes().target("user/" + shown.user());
        }
        return logins().signIn(shown, sender.origin()).thenApply(in -> welcome(in, ask));
    }

    private CompletionStage<Reply> ways(Ask ask) {
        return CompletableFuture.completedFuture(Reply.ok(
                new JsonObject().put("open", open).put("password", !open).put("provider", provider)));
    }

    private Reply welcome(SignedIn in, Ask ask) {
        Sender sender = ask.sender();
        Guest guest = access.authenticator()
                .login(in.secret())
                .map(pass -> new Guest(
                        pass.kind(),
                        pass.caller(),
                        pass.visit(),
                        pass::now,
                        sender.peer().address()))
                .orElseThrow(() -> new IllegalStateException("a login that ended before it was told of"));
        ask.notes().by(guest);
        Duration life = Duration.between(
                in.visit().login().created(), in.visit().login().ends());
        return new Reply.Whole(
                200,
                Map.of("Set-Cookie", LoginCookie.set(sender.peer(), in.secret(), life)),
                new JsonPayload(session(guest)));
    }

    private CompletionStage<Reply> signOut(Ask ask) {
        Visit visit = visit(ask);
        return logins().end(visit, visit.login().id())
                .thenApply(ended -> new Reply.Empty(
                        Map.of("Set-Cookie", LoginCookie.gone(ask.sender().peer()))));
    }

    private CompletionStage<Reply> changePassword(Ask ask) {
        JsonObject body = ask.body();
        return logins().changePassword(
                        visit(ask),
                        body.getString("old"),
                        body.getString("new"),
                        ask.sender().origin())
                .thenApply(changed -> new Reply.Empty());
    }

    private CompletionStage<Reply> beginSecondFactor(Ask ask) {
        return logins().beginSecondFactor(settled(ask))
                .thenApply(made ->
                        Reply.ok(new JsonObject().put("secret", made.secret()).put("uri", made.uri())));
    }

    /** What asks for a code and answers ten recovery codes. */
    private interface Coded {
        CompletionStage<List<String>> apply(Logins logins, Visit visit, String code, Origin from);
    }

    private Work coded(Coded work) {
        return ask -> work.apply(logins(), settled(ask), code(ask), ask.sender().origin())
                .thenApply(codes -> Reply.ok(new JsonObject().put("recovery_codes", new JsonArray(codes))));
    }

    private CompletionStage<Reply> removeSecondFactor(Ask ask) {
        return logins().removeSecondFactor(settled(ask), code(ask), ask.sender().origin())
                .thenApply(removed -> new Reply.Empty());
    }

    private CompletionStage<Reply> list(Ask ask) {
        Visit visit = settled(ask);
        JsonArray list = new JsonArray();
        logins().list(visit).forEach(login -> list.add(document(login, visit)));
        return CompletableFuture.completedFuture(Reply.ok(new JsonObject().put("logins", list)));
    }

    private CompletionStage<Reply> end(Ask ask) {
        return logins().end(settled(ask), ask.text("login")).thenApply(ended -> new Reply.Empty());
    }

    private static JsonObject document(Login login, Visit visit) {
        return new JsonObject()
                .put("id", login.id())
                .put("current", login.id().equals(visit.login().id()))
                .put("created_at", login.created().toString())
                .put("seen_at", login.seen().toString())
                .put("ends_at", login.ends().toString())
                .put("address", login.address())
                .put("agent", login.agent());
    }

    /** Who asks, as the page and programs see it. */
    private JsonObject session(Guest guest) {
        Grants grants = guest.caller().grants();
        Optional<Visit> visit = guest.visit();
        JsonArray projects = new JsonArray();
        if (grants.admin()) {
            access.projects().list(guest.caller()).stream()
                    .map(Project::name)
                    .forEach(name ->
                            projects.add(new JsonObject().put("name", name).put("role", "operator")));
        } else {
            grants.roles().entrySet().stream()
                    .sorted(Map.Entry.comparingByKey())
                    .forEach(role -> projects.add(new JsonObject()
                            .put("name", role.getKey())
                            .put("role", role.getValue().word())));
        }
        List<String> scopes = grants.scopes().stream()
                .sorted(Comparator.naturalOrder())
                .map(Permission::word)
                .toList();
        return new JsonObject()
                .put("kind", kind(guest.kind()))
                .put("user", visit.map(of -> of.login().user()).orElse(null))
                .put("name", guest.caller().name())
                .put("admin", grants.admin())
                .put("projects", projects)
                .put("scopes", new JsonArray(scopes))
                .put("csrf", visit.map(Visit::csrf).orElse(null))
                .put(
                        "must_change_password",
                        visit.filter(Visit::mustChangePassword).isPresent())
                .put("second_factor", visit.filter(Visit::secondFactor).isPresent());
    }

    private static String kind(CallerKind kind) {
        return kind == CallerKind.LOGIN ? "session" : kind == CallerKind.KEY ? "key" : "open";
    }

    private Logins logins() {
        if (open) {
            throw new ProblemException(Problem.of(
                    ProblemType.NOT_FOUND, "users: none here (expected: a server that asks for credentials)"));
        }
        return access.logins();
    }

    private static String code(Ask ask) {
        return ask.body().getString("code");
    }

    private static Visit visit(Ask ask) {
        return ask.guest()
                .visit()
                .orElseThrow(() -> refused("session: a key has none (expected: a login, by POST /api/v1/session)"));
    }

    /** The login of somebody whose password is the user's own: before that, it is good for nothing else. */
    private static Visit settled(Ask ask) {
        Visit visit = visit(ask);
        if (visit.mustChangePassword()) {
            throw refused("password: must be changed first (expected: PUT /api/v1/session/password)");
        }
        return visit;
    }

    private static ProblemException refused(String detail) {
        return new ProblemException(Problem.of(ProblemType.FORBIDDEN, detail));
    }
}
