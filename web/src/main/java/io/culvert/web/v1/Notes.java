package io.culvert.web.v1;

import io.culvert.web.caller.Guest;
import io.vertx.core.json.JsonObject;
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
