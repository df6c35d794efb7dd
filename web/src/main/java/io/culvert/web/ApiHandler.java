package io.culvert.web;

import io.culvert.control.Caller;
import io.culvert.web.caller.Guest;
import io.culvert.web.caller.Reception;
import io.culvert.web.caller.Witness;
import io.culvert.web.http.BoundedBody;
import io.culvert.web.http.Cut;
import io.culvert.web.http.Fault;
import io.culvert.web.http.HostName;
import io.culvert.web.http.Payload;
import io.culvert.web.http.Responses;
import io.culvert.web.http.Turns;
import io.culvert.web.http.Unsent;
import io.culvert.web.input.BodyReader;
import io.culvert.web.input.Fields;
import io.culvert.web.input.FormReader;
import io.culvert.web.input.Parameters;
import io.culvert.web.input.Refusal;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Walks one request of the API through its stations: method, size, browser, credential, parameters, work, answer. Called on web loops;
 * keeps nothing between requests.
 */
final class ApiHandler implements Handler<RoutingContext> {
    private static final List<String> KEY_ONLY = List.of("key");

    private final List<Operation> operations;
    private final Reception reception;
    private final Witness witness;
    private final int maxBody;
    private final Unsent unsent;
    private final Turns turns;

    /** @param operations those of one path: at most one that reads and one that changes */
    ApiHandler(
            List<Operation> operations, Reception reception, Witness witness, int maxBody, Unsent unsent, Turns turns) {
        this.operations = List.copyOf(operations);
        this.reception = reception;
        this.witness = witness;
        this.maxBody = maxBody;
        this.unsent = unsent;
        this.turns = turns;
    }

    @Override
    public void handle(RoutingContext context) {
        HttpServerRequest request = context.request();
        Optional<Operation> meant = operations.stream()
                .filter(each -> methods(each).contains(request.method()))
                .findFirst();
        if (meant.isEmpty()) {
            List<HttpMethod> allowed =
                    operations.stream().flatMap(each -> methods(each).stream()).toList();
            Responses.methodNotAllowed(request, allowed);
            return;
        }
        Operation operation = meant.get();
        BoundedBody.read(request, maxBody, body -> {
            try {
                answer(context, operation, body);
            } catch (RuntimeException e) {
                fail(request, operation, e);
            }
        });
    }

    private static List<HttpMethod> methods(Operation operation) {
        return operation.changes() ? List.of(HttpMethod.POST) : List.of(HttpMethod.GET, HttpMethod.HEAD);
    }

    private void answer(RoutingContext context, Operation operation, byte[] body) {
        HttpServerRequest request = context.request();
        reception.guard(request);
        @Nullable String encoding = request.getHeader("Content-Encoding");
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            throw new Refusal(415, "Content-Encoding: not understood (expected: none)");
        }
        Fields inQuery = query(request);
        Fields inBody = BodyReader.read(request.getHeader("Content-Type"), body);
        Guest guest = guest(request, operation, inQuery, inBody);
        Executor turn = turns.of(guest.caller().owner(), operation.changes());
        turn.execute(() -> Cut.onFailure(request, () -> {
            if (!operation.changes() && request.response().closed()) {
                return; // nobody waits for it any more
            }
            try {
                carryOut(request, operation, guest, inQuery, inBody, turn);
            } catch (RuntimeException e) {
                fail(request, operation, guest, inQuery, inBody, e);
            }
        }));
    }

    private void carryOut(
            HttpServerRequest request, Operation operation, Guest guest, Fields inQuery, Fields inBody, Executor turn) {
        Caller caller = guest.caller();
        if (!caller.grants().anywhere(operation.permission())) {
            throw new Refusal(403, operation.permission().word() + ": not granted");
        }
        Parameters parameters = operation.changes()
                ? Parameters.of(inQuery, KEY_ONLY, inBody, operation.parameters())
                : Parameters.of(inQuery, operation.parameters(), inBody, KEY_ONLY);
        operation
                .work()
                .apply(new Call(caller, parameters, operation.changes(), HostName.of(request.getHeader("Host"))))
                .whenCompleteAsync(
                        (answer, thrown) -> Cut.onFailure(request, () -> {
                            if (thrown == null) {
                                if (operation.isWrittenDown()) {
                                    witness.done(
                                            guest,
                                            operation.name(),
                                            target(inQuery, inBody),
                                            Optional.empty(),
                                            Optional.empty());
                                }
                                send(request, operation, caller, answer);
                            } else {
                                fail(request, operation, guest, inQuery, inBody, thrown);
                            }
                        }),
                        turn);
    }

    private static Fields query(HttpServerRequest request) {
        @Nullable String query = request.query();
        // Netty hands each byte of the request line over as one char.
        return query == null ? Fields.NONE : FormReader.read(query.getBytes(StandardCharsets.ISO_8859_1));
    }

    private Guest guest(HttpServerRequest request, Operation operation, Fields inQuery, Fields inBody) {
        List<String> keys = new ArrayList<>(inQuery.all("key"));
        keys.addAll(inBody.all("key"));
        if (keys.isEmpty()
                && request.headers().getAll("Authorization").isEmpty()
                && !inBody.whole()
                && inBody.fault().isPresent()) {
            throw inBody.fault().get(); // a key may stand where reading could not go on
        }
        return reception.guest(request, keys).orElseThrow(() -> {
            if (operation.changes() && (!keys.isEmpty() || request.headers().contains("Authorization"))) {
                witness.refused(reception.anybody(request), operation.name(), target(inQuery, inBody), "unauthorized");
            }
            return new Refusal(401, "Authorization failed.");
        });
    }

    private void send(HttpServerRequest request, Operation operation, Caller caller, Payload answer) {
        try {
            Responses.answer(request, 200, Map.of(), answer, unsent, caller.owner(), operation.changes());
        } catch (RuntimeException e) {
            fail(request, operation, e);
        }
    }

    /** The tunnel that a call names; nothing else of what it says is written down, for it may be a key. */
    private static String target(Fields inQuery, Fields inBody) {
        return Stream.concat(inQuery.all("id").stream(), inBody.all("id").stream())
                .findFirst()
                .filter(id -> id.matches("[0-9]{1,18}"))
                .map(id -> "tunnel/" + id)
                .orElse("");
    }

    private void fail(
            HttpServerRequest request,
            Operation operation,
            Guest guest,
            Fields inQuery,
            Fields inBody,
            Throwable thrown) {
        Fault fault = Faults.of(thrown, operation.path());
        if (operation.changes()) {
            witness.refused(guest, operation.name(), target(inQuery, inBody), "status " + fault.status());
        }
        Responses.fault(request, fault);
    }

    private static void fail(HttpServerRequest request, Operation operation, Throwable thrown) {
        Fault fault = Faults.of(thrown, operation.path());
        Responses.fault(request, fault);
    }
}
