package io.culvert.control.hook;

import io.culvert.control.Caller;
import io.culvert.control.caller.Grants;
import io.culvert.control.caller.Permission;
import io.culvert.control.caller.Verdict;
import io.culvert.control.event.Event;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.function.LongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One webhook and what is on its way to it, apart from all others. Ledger thread only. */
final class Outbox {
    private static final Comparator<Delivery> SOONEST = Comparator.comparing(Delivery::due)
            .thenComparingLong(delivery -> delivery.event().id());

    private final WebhookSettings settings;
    private final PriorityQueue<Delivery> waiting = new PriorityQueue<>(SOONEST);
    private final Map<String, Delivery> running = new LinkedHashMap<>();
    private final Map<String, Delivery> dead = new LinkedHashMap<>();
    private WebhookStore.Stored webhook;
    private Optional<String> secret;
    private @Nullable Attempt last;
    private boolean tested;

    /** @param secret opened; empty where it cannot be */
    Outbox(WebhookSettings settings, WebhookStore.Stored webhook, Optional<String> secret) {
        this.settings = settings;
        this.webhook = webhook;
        this.secret = secret;
    }

    WebhookStore.Stored webhook() {
        return webhook;
    }

    Optional<String> secret() {
        return secret;
    }

    /** Whether the caller may have to do with it; if not, it is not there for the caller. */
    boolean isFor(Caller caller) {
        Grants grants = caller.grants();
        return webhook.project().isEmpty()
                ? grants.admin() && grants.anywhere(Permission.WEBHOOKS)
                : grants.inProject(Permission.WEBHOOKS, webhook.project().get()) == Verdict.ALLOWED;
    }

    void change(WebhookStore.Stored other, Optional<String> otherSecret) {
        webhook = other;
        secret = otherSecret;
    }

    Webhook view() {
        return new Webhook(
                webhook.id(),
                webhook.project(),
                webhook.url(),
                webhook.filter(),
                webhook.active(),
                webhook.createdAt(),
                waiting.size() + running.size(),
                dead.size(),
                Optional.ofNullable(last));
    }

    /**
     * Whether it is told of this event.
     *
     * @param labels of a tunnel
     */
    boolean wants(Event event, LongFunction<Map<String, String>> labels) {
        Webhook.Filter filter = webhook.filter();
        if (!webhook.active() || event.id() <= webhook.since()) {
            return false;
        }
        if (webhook.project().isPresent() && !webhook.project().equals(event.project())) {
            return false;
        }
        if (!filter.kinds().isEmpty() && !filter.kinds().contains(event.kind())) {
            return false;
        }
        OptionalLong tunnel = event.tunnel();
        if (filter.tunnel().isPresent() && !filter.tunnel().equals(tunnel)) {
            return false;
        }
        return filter.labels().isEmpty()
                || (tunnel.isPresent()
                        && labels.apply(tunnel.getAsLong())
                                .entrySet()
                                .containsAll(filter.labels().entrySet()));
    }

    /** True where no further delivery has room. */
    boolean full() {
        return waiting.size() + running.size() >= settings.mostWaiting();
    }

    void wait(Delivery delivery) {
        waiting.add(delivery);
    }

    /** The next one whose time has come and that may be under way besides those that are; it is running then. */
    Optional<Delivery> next(Instant now) {
        Delivery head = waiting.peek();
        // A clock that was set back must not make anybody wait longer than the longest pause.
        if (!webhook.active()
                || head == null
                || running.size() >= settings.atOnce()
                || (head.due().isAfter(now)
                        && !head.due().isAfter(now.plus(settings.longestPause().multipliedBy(2))))) {
            return Optional.empty();
        }
        waiting.remove(head);
        running.put(head.id(), head);
        return Optional.of(head);
    }

    /** Ends the attempt at this one; empty where it is not running. */
    Optional<Delivery> ended(String id, Attempt attempt) {
        last = attempt;
        return Optional.ofNullable(running.remove(id));
    }

    /**
     * Keeps a dead letter.
     *
     * @return the one that had to go for it
     */
    Optional<Delivery> bury(Delivery delivery) {
        dead.put(delivery.id(), delivery);
        if (dead.size() <= settings.mostDead()) {
            return Optional.empty();
        }
        Delivery oldest = dead.values().iterator().next();
        dead.remove(oldest.id());
        return Optional.of(oldest);
    }

    /** Takes a dead letter out; empty where there is no such. */
    Optional<Delivery> dig(String id) {
        return Optional.ofNullable(dead.remove(id));
    }

    /** On its way or dead, in no order. */
    List<Delivery> deliveries() {
        return Stream.of(waiting, running.values(), dead.values())
                .flatMap(Collection::stream)
                .toList();
    }

    List<Delivery> dead() {
        return List.copyOf(dead.values());
    }

    /** Begins a test; false where one is running. */
    boolean beginTest() {
        boolean free = !tested;
        tested = true;
        return free;
    }

    void endTest(Attempt attempt) {
        tested = false;
        last = attempt;
    }
}
