package io.culvert.web.v1;

import io.culvert.control.Caller;
import io.culvert.web.caller.Guest;
import io.culvert.web.caller.Sender;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One request that the contract lets pass. What it says is there in the contract's types. Not changed once made; any thread. */
final class Ask {
    private final Guest guest;
    private final Notes notes = new Notes();
    private final Sender sender;
    private final Map<String, Object> parameters;
    private final @Nullable JsonObject body;
    private final Executor turn;

    /** @param turn as {@link #turn()} gives it */
    Ask(Guest guest, Sender sender, Map<String, Object> parameters, @Nullable JsonObject body, Executor turn) {
        this.guest = guest;
        this.sender = sender;
        this.parameters = Map.copyOf(parameters);
        this.body = body;
        this.turn = turn;
    }

    /**
     * Makes a reply of what the control plane says. Not on the control plane's thread, where a thousand documents would hold up leases: on the request's
     * loop.
     */
    <T> CompletionStage<Reply> reply(CompletionStage<T> result, Function<? super T, ? extends Reply> made) {
        return result.toCompletableFuture().isDone() ? result.thenApply(made) : result.thenApplyAsync(made, turn);
    }

    /** Does something on the request's loop, when it is its caller's turn; any thread may ask. */
    Executor turn() {
        return turn;
    }

    Caller caller() {
        return guest.caller();
    }

    /** What the audit is told. */
    Notes notes() {
        return notes;
    }

    /** Where the request comes from. */
    Sender sender() {
        return sender;
    }

    /** Who asks, and how that was known. */
    Guest guest() {
        return guest;
    }

    /** The body; an empty object where it was left out and may be. */
    JsonObject body() {
        return body == null ? new JsonObject() : body;
    }

    /** A whole number that the contract asks for or has a default for. */
    long number(String name) {
        return (Long) Objects.requireNonNull(parameters.get(name), name);
    }

    Optional<Long> anyNumber(String name) {
        return Optional.ofNullable((Long) parameters.get(name));
    }

    Optional<Duration> anySeconds(String name) {
        return Optional.ofNullable(parameters.get(name)).map(said -> Units.duration((Number) said));
    }

    /** A text that the contract asks for or has a default for. */
    String text(String name) {
        return (String) Objects.requireNonNull(parameters.get(name), name);
    }

    Optional<String> anyText(String name) {
        return Optional.ofNullable((String) parameters.get(name));
    }

    boolean flag(String name) {
        return Boolean.TRUE.equals(parameters.get(name));
    }

    /** What was said under a name that may be repeated. */
    List<Object> all(String name) {
        return parameters.get(name) instanceof JsonArray list ? list.stream().toList() : List.of();
    }

    /** The tunnel that the path names. */
    long id() {
        return number("id");
    }
}
