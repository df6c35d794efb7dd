package io.culvert.web.v1;

import io.culvert.web.caller.Guest;
import io.culvert.web.http.Problem;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;

/**
 * What a work tells the audit of what it does. The work writes, on whatever thread; it is read when the work's stage has completed. Never a
 * secret in it.
 */
final class Notes {
    private volatile Optional<String> target = Optional.empty();
    private volatile Optional<JsonObject> before = Optional.empty();
    private volatile Optional<JsonObject> after = Optional.empty();
    private volatile Optional<Guest> by = Optional.empty();
    private volatile boolean nothing;
    private volatile Optional<List<Item>> items = Optional.empty();

    /**
     * One of the many things that a bulk call is about, as the call for it alone would have told it.
     *
     * @param operation that call: {@code deleteTunnel}
     * @param target {@code tunnel/17}; empty where there is none
     * @param refusal the type of the problem, {@code forbidden}; empty where it was done
     */
    record Item(
            String operation,
            String target,
            Optional<String> refusal,
            Optional<JsonObject> before,
            Optional<JsonObject> after) {
        static Item done(String operation, long tunnel, Optional<JsonObject> before, JsonObject after) {
            return new Item(operation, "tunnel/" + tunnel, Optional.empty(), before, Optional.of(after));
        }

        static Item refused(String operation, String target, Problem problem) {
            return new Item(
                    operation, target, Optional.of(problem.type().anchor()), Optional.empty(), Optional.empty());
        }
    }

    /** What it was done to, where the path does not say it: {@code tunnel/17}. */
    void target(String name) {
        target = Optional.of(name);
    }

    void before(JsonObject document) {
        before = Optional.of(document);
    }

    void after(JsonObject document) {
        after = Optional.of(document);
    }

    /** Who it turned out to be that did it, where that was nobody when the request came. */
    void by(Guest guest) {
        by = Optional.of(guest);
    }

    /** Nothing was done, and that was what was asked for. */
    void nothing() {
        nothing = true;
    }

    /** What a bulk call tells in place of an entry of its own; as many as it has items, at most. */
    void items(List<Item> each) {
        items = Optional.of(List.copyOf(each));
    }

    Optional<List<Item>> items() {
        return items;
    }

    Optional<Guest> by() {
        return by;
    }

    Optional<String> target() {
        return target;
    }

    Optional<String> before() {
        return before.map(JsonObject::encode);
    }

    Optional<String> after() {
        return after.map(JsonObject::encode);
    }

    boolean isNothing() {
        return nothing;
    }
}
