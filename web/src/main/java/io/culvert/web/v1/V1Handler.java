package io.culvert.web.v1;

import io.culvert.control.Caller;
import io.culvert.control.ForbiddenException;
import io.culvert.control.caller.Permission;
import io.culvert.web.caller.Guest;
import io.culvert.web.caller.Reception;
import io.culvert.web.caller.Witness;
import io.culvert.web.contract.BodyRule;
import io.culvert.web.contract.ContractOperation;
import io.culvert.web.contract.JsonTree;
import io.culvert.web.contract.Parameter;
import io.culvert.web.http.BoundedBody;
import io.culvert.web.http.Cut;
import io.culvert.web.http.Problem;
import io.culvert.web.http.ProblemException;
import io.culvert.web.http.ProblemType;
import io.culvert.web.http.Responses;
import io.culvert.web.http.Turns;
import io.culvert.web.http.Unsent;
import io.culvert.web.input.Field;
import io.culvert.web.input.Fields;
import io.culvert.web.input.FormReader;
import io.culvert.web.input.Quote;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Walks a request of one path through its stations: method, browser, credential, permission, parameters, body, work, answer. What passes is decided
 * by the contract. Called on web loops; keeps nothing between requests.
 */
final class V1Handler implements Handler<RoutingContext> {
    // The exposes of one tunnel, or the like: what is said of so few things is hardly longer than a short answer.
    private static final int FEW = 16;

    private final List<Served> served;
    private final Reception reception;
    private final Witness witness;
    private final Unsent unsent;
    private final Turns turns;

    /** An operation and who does it. */
    record Served(ContractOperation operation, Work work) {}

    /** @param served those of one path, at most one for each method */
    V1Handler(List<Served> served, Reception reception, Witness witness, Unsent unsent, Turns turns) {
        this.served = List.copyOf(served);
        this.reception = reception;
        this.witness = witness;
        this.unsent = unsent;
        this.turns = turns;
    }

    @Override
    public void handle(RoutingContext context) {
        HttpServerRequest request = context.request();
        Optional<Served> meant = served.stream()
                .filter(each -> methods(each).contains(request.method()))
                .findFirst();
        if (meant.isEmpty()) {
            List<HttpMethod> allowed =
                    served.stream().flatMap(each -> methods(each).stream()).toList();
            BoundedBody.skip(request, () -> Responses.methodNotAllowed(request, allowed));
            return;
        }
        ContractOperation operation = meant.get().operation();
        String target = target(context, operation);
        Guest guest;
        try {
            guest = guest(request, operation);
        } catch (RuntimeException e) {
            BoundedBody.skip(request, () -> turnAway(request, operation, target, e));
            return;
        }
        Map<String, Object> parameters;
        try {
            mustBeGranted(guest, operation);
            parameters = parameters(context, operation);
        } catch (RuntimeException e) {
            BoundedBody.skip(request, () -> fail(request, operation, guest, target, e));
            return;
        }
        Executor turn = turns.of(guest.caller().owner(), changes(operation));
        BoundedBody.read(
                request,
                operation.maxBody(),
                bytes -> turn.execute(() -> Cut.onFailure(
                        request, () -> begin(request, meant.get(), guest, parameters, bytes, target, turn))));
    }

    private void begin(
            HttpServerRequest request,
            Served served,
            Guest guest,
            Map<String, Object> parameters,
            byte[] bytes,
            String target,
            Executor turn) {
        ContractOperation operation = served.operation();
        if (!changes(operation) && request.response().closed()) {
            return; // nobody waits for it any more
        }
        try {
            @Nullable JsonObject body = body(request, operation, bytes);
            work(request, served, new Ask(guest, reception.sender(request), parameters, body, turn), target);
        } catch (RuntimeException e) {
            fail(request, operation, guest, target, e);
        }
    }

    private static boolean changes(ContractOperation operation) {
        return !operation.method().equals("GET");
    }

    private static List<HttpMethod> methods(Served served) {
        HttpMethod method = HttpMethod.valueOf(served.operation().method());
        return method.equals(HttpMethod.GET) ? List.of(method, HttpMethod.HEAD) : List.of(method);
    }

    private Guest guest(HttpServerRequest request, ContractOperation operation) {
        reception.guard(request);
        if (!operation.secured()) {
            return reception.anybody(request);
        }
        return reception
                .guest(request, List.of())
                .orElseThrow(() -> new ProblemException(Problem.of(
                        ProblemType.UNAUTHORIZED, "Authorization: no good key (expected: one header, Bearer KEY)")));
    }

    /** Before anything else of the request is looked at: whoever may do this nowhere learns nothing by trying. */
    private static void mustBeGranted(Guest guest, ContractOperation operation) {
        Optional<Permission> permission = operation.permission();
        if (permission.isPresent() && !guest.caller().grants().anywhere(permission.get())) {
            throw new ForbiddenException(permission.get().word() + ": not granted");
        }
    }

    private static Map<String, Object> parameters(RoutingContext context, ContractOperation operation) {
        HttpServerRequest request = context.request();
        List<Problem.Flaw> errors = new ArrayList<>();
        Fields query = query(request);
        query.fault().ifPresent(fault -> {
            throw fault;
        });
        List<String> known = operation.parameters().stream()
                .filter(parameter -> parameter.in() == Parameter.In.QUERY)
                .map(Parameter::name)
                .toList();
        for (Field field : query.list()) {
            if (!known.contains(field.name())) {
                // The value is not shown: it may be a key.
                errors.add(new Problem.Flaw(
                        Quote.of(field.name()),
                        Optional.empty(),
                        known.isEmpty() ? "no query parameters" : "one of " + String.join(", ", known)));
            }
        }
        Map<String, Object> values = new HashMap<>();
        for (Parameter parameter : operation.parameters()) {
            @Nullable Object value = parameter.read(said(context, parameter, query), errors);
            if (value != null) {
                values.put(parameter.name(), value);
            }
        }
        if (!errors.isEmpty()) {
            throw new ProblemException(Problem.of(errors));
        }
        return values;
    }

    private static List<String> said(RoutingContext context, Parameter parameter, Fields query) {
        return switch (parameter.in()) {
            case PATH ->
                Optional.ofNullable(context.pathParam(parameter.name())).stream()
                        .toList();
            case HEADER -> context.request().headers().getAll(parameter.name());
            case QUERY -> query.all(parameter.name());
        };
    }

    private static Fields query(HttpServerRequest request) {
        @Nullable String query = request.query();
        // Netty hands each byte of the request line over as one char.
        return query == null ? Fields.NONE : FormReader.read(query.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static @Nullable JsonObject body(HttpServerRequest request, ContractOperation operation, byte[] bytes) {
        if (operation.body().isEmpty()) {
            if (bytes.length > 0) {
                throw new ProblemException(Problem.of(List.of(
                        new Problem.Flaw("body", Optional.of(bytes.length + " bytes"), "none for this operation"))));
            }
            return null;
        }
        BodyRule rule = operation.body().get();
        if (bytes.length == 0) {
            if (rule.required()) {
                throw new ProblemException(
                        Problem.of(List.of(new Problem.Flaw("body", Optional.empty(), "a JSON object"))));
            }
            return null;
        }
        mustBeJson(request);
        @Nullable Object body = JsonTree.read(bytes);
        List<Problem.Flaw> errors = rule.shape().faults(body);
        if (!errors.isEmpty()) {
            throw new ProblemException(Problem.of(errors));
        }
        return (JsonObject) body;
    }

    private static void mustBeJson(HttpServerRequest request) {
        @Nullable String encoding = request.getHeader("Content-Encoding");
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            throw unsupported("Content-Encoding: not understood (expected: none)");
        }
        @Nullable String said = request.getHeader("Content-Type");
        String type = said == null ? "" : said.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        if (!type.equals("application/json")) {
            throw unsupported(
                    "Content-Type: '" + Quote.of(said == null ? "" : said) + "' (expected: application/json)");
        }
    }

    private static ProblemException unsupported(String detail) {
        return new ProblemException(Problem.of(ProblemType.UNSUPPORTED_MEDIA_TYPE, detail));
    }

    private void work(HttpServerRequest request, Served served, Ask ask, String target) {
        int things = many(ask);
        String who = ask.guest().caller().owner();
        if (!unsent.claim(who, things)) {
            Responses.tooMuchUnsent(request);
            return;
        }
        CompletableFuture<Reply> answer;
        try {
            answer = served.work().apply(ask).toCompletableFuture();
        } catch (RuntimeException | Error e) {
            unsent.release(who, things);
            throw e;
        }
        if (answer.isDone()) {
            // At once: a loop that has much to read would else gather
            // the documents of all those requests before it writes one.
            Optional<Throwable> thrown = thrown(answer);
            unsent.release(who, things);
            finish(
                    request,
                    served.operation(),
                    ask,
                    target,
                    thrown.isPresent() ? null : answer.join(),
                    thrown.orElse(null));
            return;
        }
        answer.whenCompleteAsync(
                (reply, thrown) -> {
                    unsent.release(who, things);
                    Cut.onFailure(request, () -> finish(request, served.operation(), ask, target, reply, thrown));
                },
                ask.turn());
    }

    /** How many things a call in bulk names; 0 for a few. */
    private static int many(Ask ask) {
        return ask.body().stream()
                .mapToInt(field -> field.getValue() instanceof JsonArray list && list.size() > FEW ? list.size() : 0)
                .sum();
    }

    private static Optional<Throwable> thrown(CompletableFuture<Reply> done) {
        try {
            done.join();
            return Optional.empty();
        } catch (CompletionException | CancellationException e) {
            return Optional.of(e);
        }
    }

    private void finish(
            HttpServerRequest request,
            ContractOperation operation,
            Ask ask,
            String target,
            @Nullable Reply reply,
            @Nullable Throwable thrown) {
        try {
            if (thrown != null) {
                fail(request, operation, ask.guest(), ask.notes().target().orElse(target), thrown);
            } else if (reply != null) {
                done(operation, ask, target);
                send(request, operation, ask.guest().caller(), reply);
            }
        } catch (RuntimeException e) {
            Responses.problem(request, Problems.of(e, operation.id()));
        }
    }

    private void send(HttpServerRequest request, ContractOperation operation, Caller caller, Reply reply) {
        if (reply instanceof Reply.Stream stream) {
            stream.begin(request);
        } else if (reply instanceof Reply.Whole whole) {
            Responses.answer(
                    request,
                    whole.status(),
                    whole.headers(),
                    whole.payload(),
                    unsent,
                    caller.owner(),
                    changes(operation));
        } else if (reply instanceof Reply.Empty empty) {
            empty.headers().forEach(request.response()::putHeader);
            Responses.nothing(request);
        }
    }

    private void done(ContractOperation operation, Ask ask, String target) {
        Notes notes = ask.notes();
        if (notes.items().isPresent()) {
            notes.items().get().forEach(item -> done(ask.guest(), item));
            return;
        }
        boolean renewal = operation.permission().equals(Optional.of(Permission.TUNNELS_RENEW));
        if (operation.audited() && !renewal && !notes.isNothing()) {
            witness.done(
                    notes.by().orElse(ask.guest()),
                    operation.id(),
                    notes.target().orElse(target),
                    notes.before(),
                    notes.after());
        }
    }

    private void done(Guest guest, Notes.Item item) {
        if (item.refusal().isPresent()) {
            witness.refused(
                    guest, item.operation(), item.target(), item.refusal().get());
        } else {
            witness.done(
                    guest,
                    item.operation(),
                    item.target(),
                    item.before().map(JsonObject::encode),
                    item.after().map(JsonObject::encode));
        }
    }

    /** Somebody did not get in. Whoever showed nothing, or is not looked at for the moment, is not written down. */
    private void turnAway(HttpServerRequest request, ContractOperation operation, String target, Throwable thrown) {
        Problem problem = Problems.of(thrown, operation.id());
        if (operation.audited()
                && problem.type() == ProblemType.UNAUTHORIZED
                && request.headers().contains("Authorization")) {
            witness.refused(
                    reception.anybody(request),
                    operation.id(),
                    target,
                    problem.type().anchor());
        }
        Responses.problem(request, problem);
    }

    private void fail(
            HttpServerRequest request, ContractOperation operation, Guest guest, String target, Throwable thrown) {
        Problem problem = Problems.of(thrown, operation.id());
        if (operation.audited()) {
            witness.refused(guest, operation.id(), target, problem.type().anchor());
        }
        Responses.problem(request, problem);
    }

    /** What the path names: {@code tunnel/17/connection/3}; empty where it names nothing. */
    private static String target(RoutingContext context, ContractOperation operation) {
        StringBuilder target = new StringBuilder();
        for (Parameter parameter : operation.parameters()) {
            if (parameter.in() == Parameter.In.PATH) {
                String kind = switch (parameter.name()) {
                    case "id" -> "tunnel/";
                    case "protocol" -> "port/";
                    case "port" -> "";
                    default -> parameter.name() + "/";
                };
                target.append(target.length() == 0 ? "" : "/")
                        .append(kind)
                        .append(Quote.of(Optional.ofNullable(context.pathParam(parameter.name()))
                                .orElse("")));
            }
        }
        return target.toString();
    }
}
