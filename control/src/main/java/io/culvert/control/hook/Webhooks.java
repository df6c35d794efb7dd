package io.culvert.control.hook;

import io.culvert.control.Caller;
import io.culvert.control.ConflictException;
import io.culvert.control.ForbiddenException;
import io.culvert.control.NoSuchWebhookException;
import io.culvert.control.ProjectGate;
import io.culvert.control.Projects;
import io.culvert.control.StoreUnavailableException;
import io.culvert.control.caller.Permission;
import io.culvert.control.event.Event;
import io.culvert.control.event.EventKind;
import io.culvert.control.event.EventLog;
import io.culvert.control.ledger.Duty;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells webhooks of events, at least once each, also across a restart: a delivery stays in the store until the webhook has answered 2xx or
 * somebody drops it. Every webhook has a queue and places of its own, so one that is dead delays no other. Its events come roughly in
 * order, and an event that had to be tried again comes behind later ones: receivers order by the event's number.
 *
 * <pre>
 *   event → wanted? → waiting ⇄ running → 2xx: gone
 *                        ↑          └ failed for the last time, or no room → dead letter ─→ dropped
 *                        └───────────────────────────── redelivered ────────────┘
 * </pre>
 *
 * A webhook is a project's and is told of that project's events, or the server's and is told of all. To a caller who may not have to do with a
 * webhook it is not there.
 *
 * While the store is away events are delivered all the same, and what came of it is written when it is back. Methods may be called from any
 * thread but for those of {@link Duty}; their stages complete on the ledger thread, with a result or a
 * {@link io.culvert.control.ControlException}, and whoever continues them there must not wait.
 */
public final class Webhooks implements Duty {
    private static final Logger log = LoggerFactory.getLogger(Webhooks.class);
    private static final int SECRET_BYTES = 32;

    private final EventLog events;
    private final WebhookStore store;
    private final LongFunction<Map<String, String>> labels;
    private final ProjectGate gate;
    private final SecretBox box;
    private final InstantSource clock;
    private final SecureRandom random;
    private final WebhookSettings settings;
    private final Executor thread;

    private final Map<Long, Outbox> outboxes = new TreeMap<>();
    private final DeliveryBook book;
    private final Postman postman;
    /** Webhooks that must not be in the store, and may be since a write of theirs failed. */
    private final Set<Long> doomed = new HashSet<>();
    /** Webhooks that must be in the store as they are here, and may be there as a change would have had them whose write failed. */
    private final Set<Long> unsure = new HashSet<>();

    private final Pauses pauses;
    private long nextId;
    private long seen;
    private boolean stopped;

    private Webhooks(
            EventLog events,
            WebhookStore store,
            HookSender sender,
            LongFunction<Map<String, String>> labels,
            Projects projects,
            SecretBox box,
            InstantSource clock,
            SecureRandom random,
            WebhookSettings settings,
            Executor thread,
            WebhookStore.Restored before) {
        this.events = events;
        this.store = store;
        this.postman = new Postman(sender, clock, thread);
        this.labels = labels;
        this.gate = new ProjectGate(projects);
        this.box = box;
        this.clock = clock;
        this.random = random;
        this.settings = settings;
        this.thread = thread;
        this.pauses = new Pauses(settings.firstPause(), settings.longestPause(), random);
        this.book = new DeliveryBook(store, before.deliveries());
        this.nextId = before.nextId();
        this.seen = before.seen();
        for (WebhookStore.Stored webhook : before.webhooks()) {
            Optional<String> secret = box.open(webhook.id(), webhook.sealedSecret());
            if (secret.isEmpty()) {
                log.error(
                        "webhook {}: its secret was sealed with another key; nothing is sent to it until it has a new one",
                        webhook.id());
            }
            outboxes.put(webhook.id(), new Outbox(settings, webhook, secret));
        }
        for (Delivery delivery : before.deliveries()) {
            Optional.ofNullable(outboxes.get(delivery.webhook())).ifPresent(outbox -> restore(outbox, delivery));
        }
    }

    /**
     * Reads what was there before. Waits for the disk; by the thread that starts the server. Nothing is sent before the ledger thread takes
     * its turns.
     *
     * @param labels of a tunnel, living or ended a while ago; none where it is not known. Called by the ledger thread
     * @param projects asked by the ledger thread
     * @param box for the secrets
     * @param thread the ledger thread, the same that takes the turns
     */
    public static Webhooks open(
            EventLog events,
            WebhookStore store,
            HookSender sender,
            LongFunction<Map<String, String>> labels,
            Projects projects,
            SecretBox box,
            InstantSource clock,
            SecureRandom random,
            WebhookSettings settings,
            Executor thread) {
        return new Webhooks(
                events, store, sender, labels, projects, box, clock, random, settings, thread, store.load());
    }

    /** All that the caller may have to do with, by number. */
    public CompletionStage<List<Webhook>> list(Caller caller) {
        return onLedger(() -> outboxes.values().stream()
                .filter(outbox -> outbox.isFor(caller))
                .map(Outbox::view)
                .toList());
    }

    /** One of them; empty where there is none with this number. */
    public CompletionStage<Optional<Webhook>> get(Caller caller, long id) {
        return onLedger(() -> Optional.ofNullable(outboxes.get(id))
                .filter(outbox -> outbox.isFor(caller))
                .map(Outbox::view));
    }

    /**
     * Makes a webhook; it is told of what happens from now on. Fails with {@link io.culvert.control.InvalidRequestException} naming the
     * field, with {@link ConflictException} where there are too many, and with {@link io.culvert.control.StoreUnavailableException}.
     */
    public CompletionStage<Webhook.WithSecret> add(Caller caller, NewWebhook wanted) {
        return onLedger(() -> {
            Optional<String> project = project(caller, wanted.project());
            URI url = HookRules.url(wanted.url(), AddressRule.of(project));
            Webhook.Filter filter = HookRules.filter(wanted.filter());
            String secret = wanted.secret().map(HookRules::secret).orElseGet(this::makeSecret);
            if (outboxes.size() >= settings.mostWebhooks()) {
                throw new ConflictException(
                        "webhooks: " + outboxes.size() + " (expected: at most " + settings.mostWebhooks() + ")");
            }
            // Even where the write fails, it may have been made: the number is not used twice.
            long id = nextId++;
            WebhookStore.Stored webhook = new WebhookStore.Stored(
                    id,
                    project,
                    url.toASCIIString(),
                    box.seal(id, secret),
                    filter,
                    wanted.active(),
                    clock.instant(),
                    events.lastId());
            try {
                store.put(webhook);
            } catch (StoreUnavailableException e) {
                doomed.add(id);
                throw e;
            }
            Outbox outbox = new Outbox(settings, webhook, Optional.of(secret));
            outboxes.put(id, outbox);
            return new Webhook.WithSecret(outbox.view(), secret);
        });
    }

    /**
     * Changes a webhook, also for what is on its way to it. Fails as {@link #add}, and with {@link NoSuchWebhookException}. While it is not
     * active it is told of nothing: what happens then is never made up for, what was waiting goes on when it is active again.
     */
    public CompletionStage<Webhook> change(Caller caller, long id, WebhookPatch patch) {
        return onLedger(() -> {
            Outbox outbox = find(caller, id);
            WebhookStore.Stored old = outbox.webhook();
            Optional<String> fresh = patch.secret().map(HookRules::secret);
            store(
                    outbox,
                    new WebhookStore.Stored(
                            id,
                            old.project(),
                            patch.url()
                                    .map(url -> HookRules.url(url, AddressRule.of(old.project()))
                                            .toASCIIString())
                                    .orElse(old.url()),
                            fresh.map(secret -> box.seal(id, secret)).orElse(old.sealedSecret()),
                            patch.filter().map(HookRules::filter).orElse(old.filter()),
                            patch.active().orElse(old.active()),
                            old.createdAt(),
                            old.since()),
                    fresh);
            return outbox.view();
        });
    }

    /** Gives a webhook a secret that is made for it; the old one signs nothing any more. Fails as {@link #change}. */
    public CompletionStage<Webhook.WithSecret> newSecret(Caller caller, long id) {
        return onLedger(() -> {
            Outbox outbox = find(caller, id);
            WebhookStore.Stored old = outbox.webhook();
            String secret = makeSecret();
            store(
                    outbox,
                    new WebhookStore.Stored(
                            id,
                            old.project(),
                            old.url(),
                            box.seal(id, secret),
                            old.filter(),
                            old.active(),
                            old.createdAt(),
                            old.since()),
                    Optional.of(secret));
            return new Webhook.WithSecret(outbox.view(), secret);
        });
    }

    /** Takes a webhook away, with all that is on its way to it and its dead letters. False where there is none with this number. */
    public CompletionStage<Boolean> remove(Caller caller, long id) {
        return onLedger(() -> {
            Outbox outbox = outboxes.get(id);
            if (outbox == null || !outbox.isFor(caller)) {
                return false;
            }
            try {
                store.remove(id);
            } catch (StoreUnavailableException e) {
                // It may have gone, and its deliveries with it: the caller was told that it is there, and the next
                // start must say so, too.
                unsure.add(id);
                outbox.deliveries().forEach(book::put);
                throw e;
            }
            outboxes.remove(id);
            unsure.remove(id);
            book.forget(id);
            return true;
        });
    }

    /**
     * Sends an event of the kind {@link EventKind#TEST}, number 0, to a webhook, active or not, once and past the queue. Completes with what
     * came of it, failed or not. Fails with {@link NoSuchWebhookException}, and with {@link ConflictException} while another test runs.
     */
    public CompletionStage<Attempt> test(Caller caller, long id) {
        CompletableFuture<Attempt> result = new CompletableFuture<>();
        CompletionStage<Boolean> begun = onLedger(() -> {
            Outbox outbox = find(caller, id);
            if (!outbox.beginTest()) {
                throw new ConflictException("webhook: " + id + " is being tested (expected: one test at a time)");
            }
            Event event = new Event(
                    0,
                    clock.instant(),
                    EventKind.TEST,
                    OptionalLong.empty(),
                    Optional.empty(),
                    "a test of webhook " + id,
                    Map.of());
            postman.post(outbox, id + "-test", event, attempt -> {
                outbox.endTest(attempt);
                result.complete(attempt);
            });
            return true;
        });
        var unused = begun.whenComplete((ok, failure) -> {
            if (failure != null) {
                result.completeExceptionally(failure);
            }
        });
        return result;
    }

    /** Dead letters of one webhook, or of all, by webhook and in the order in which they were given up. */
    public CompletionStage<List<Delivery>> deadLetters(Caller caller, OptionalLong webhook) {
        return onLedger(() -> outboxes.values().stream()
                .filter(outbox -> outbox.isFor(caller))
                .filter(outbox -> webhook.isEmpty()
                        || webhook.getAsLong() == outbox.webhook().id())
                .flatMap(outbox -> outbox.dead().stream())
                .toList());
    }

    /**
     * Tries a dead letter again, as often as a new one. Fails with {@link NoSuchWebhookException} where there is none of this name, and
     * with {@link ConflictException} where too many others wait.
     *
     * @param delivery as in {@link Delivery#id}
     */
    public CompletionStage<Delivery> redeliver(Caller caller, String delivery) {
        return onLedger(() -> {
            Outbox outbox = outboxOf(caller, delivery);
            if (outbox.full()) {
                throw new ConflictException("delivery: " + delivery + " has to stay; " + settings.mostWaiting()
                        + " others wait (expected: fewer)");
            }
            Delivery revived = outbox.dig(delivery)
                    .orElseThrow(() -> new NoSuchWebhookException("delivery", delivery))
                    .revived(clock.instant());
            outbox.wait(revived);
            book.put(revived);
            send(outbox);
            return revived;
        });
    }

    /** Lets go of a dead letter. False where there is none of this name. */
    public CompletionStage<Boolean> drop(Caller caller, String delivery) {
        return onLedger(() -> {
            Optional<Delivery> dug = outboxes.values().stream()
                    .filter(outbox -> outbox.isFor(caller))
                    .flatMap(outbox -> outbox.dig(delivery).stream())
                    .findFirst();
            dug.ifPresent(book::gone);
            return dug.isPresent();
        });
    }

    @Override
    public String name() {
        return "webhooks";
    }

    /** Looks at the new events and writes down what is to be done. */
    @Override
    public void turn() {
        lookAtEvents();
        for (long id : List.copyOf(doomed)) {
            store.remove(id);
            doomed.remove(id);
        }
        for (long id : List.copyOf(unsure)) {
            Outbox outbox = outboxes.get(id);
            if (outbox != null) {
                store.put(outbox.webhook());
            }
            unsure.remove(id);
        }
        book.write(seen, !outboxes.isEmpty());
    }

    /** Writes down what is to be done; the next start does it. */
    @Override
    public void last() {
        stopped = true;
        turn();
    }

    /** The other half of the work, for the same thread: sends what is due, whether the store answers or not. */
    public Duty sending() {
        return new Duty() {
            @Override
            public String name() {
                return "webhooks, sending";
            }

            @Override
            public void turn() {
                lookAtEvents();
                outboxes.values().forEach(Webhooks.this::send);
            }

            @Override
            public void last() {
                stopped = true;
            }
        };
    }

    private void lookAtEvents() {
        for (Event event : events.after(seen)) {
            for (Outbox outbox : outboxes.values()) {
                if (outbox.wants(event, labels)) {
                    take(outbox, Delivery.first(outbox.webhook().id(), event, clock.instant()));
                }
            }
            seen = event.id();
        }
    }

    private void take(Outbox outbox, Delivery delivery) {
        if (outbox.full()) {
            Attempt none = new Attempt(
                    clock.instant(),
                    Duration.ZERO,
                    OptionalInt.empty(),
                    "not tried: " + settings.mostWaiting() + " others wait already");
            bury(outbox, delivery.givenUp(none, 0));
            return;
        }
        outbox.wait(delivery);
        book.put(delivery);
    }

    private void restore(Outbox outbox, Delivery delivery) {
        if (delivery.deadSince().isPresent()) {
            outbox.bury(delivery).ifPresent(book::gone);
        } else {
            outbox.wait(delivery);
        }
    }

    private void send(Outbox outbox) {
        if (stopped) {
            return;
        }
        Optional<Delivery> next = outbox.next(clock.instant());
        while (next.isPresent()) {
            Delivery delivery = next.get();
            postman.post(outbox, delivery.id(), delivery.event(), attempt -> {
                answered(outbox, delivery.id(), attempt);
                send(outbox);
            });
            next = outbox.next(clock.instant());
        }
    }

    private void answered(Outbox outbox, String id, Attempt attempt) {
        Optional<Delivery> running = outbox.ended(id, attempt);
        if (running.isEmpty() || outboxes.get(outbox.webhook().id()) != outbox) {
            return;
        }
        Delivery delivery = running.get();
        int tries = delivery.tries() + 1;
        if (attempt.delivered()) {
            book.gone(delivery);
        } else if (tries >= settings.tries()) {
            bury(outbox, delivery.givenUp(attempt, tries));
        } else {
            Delivery again = delivery.again(attempt, clock.instant().plus(pauses.after(tries)));
            outbox.wait(again);
            book.put(again);
        }
    }

    private void bury(Outbox outbox, Delivery dead) {
        log.warn(
                "webhook {}: event {} is a dead letter after {} tries: {}",
                dead.webhook(),
                dead.event().id(),
                dead.tries(),
                dead.last().map(Attempt::outcome).orElse(""));
        book.put(dead);
        outbox.bury(dead).ifPresent(book::gone);
    }

    private void store(Outbox outbox, WebhookStore.Stored changed, Optional<String> secret) {
        try {
            store.put(changed);
        } catch (StoreUnavailableException e) {
            // It may have been made: the caller was told that nothing has changed, and the next start must say so, too.
            unsure.add(changed.id());
            throw e;
        }
        unsure.remove(changed.id());
        outbox.change(changed, secret.isPresent() ? secret : outbox.secret());
    }

    private Optional<String> project(Caller caller, Optional<String> said) {
        if (said.isEmpty() && caller.grants().admin()) {
            if (!caller.grants().anywhere(Permission.WEBHOOKS)) {
                throw new ForbiddenException(Permission.WEBHOOKS.word() + ": not granted");
            }
            return Optional.empty();
        }
        return Optional.of(gate.find(caller, Permission.WEBHOOKS, said));
    }

    private Outbox find(Caller caller, long id) {
        return Optional.ofNullable(outboxes.get(id))
                .filter(outbox -> outbox.isFor(caller))
                .orElseThrow(() -> new NoSuchWebhookException("webhook", String.valueOf(id)));
    }

    private Outbox outboxOf(Caller caller, String delivery) {
        return outboxes.values().stream()
                .filter(outbox -> outbox.isFor(caller))
                .filter(outbox ->
                        outbox.dead().stream().anyMatch(dead -> dead.id().equals(delivery)))
                .findFirst()
                .orElseThrow(() -> new NoSuchWebhookException("delivery", delivery));
    }

    private String makeSecret() {
        byte[] bytes = new byte[SECRET_BYTES];
        random.nextBytes(bytes);
        return "whsec_" + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private <T> CompletionStage<T> onLedger(Supplier<T> work) {
        try {
            return CompletableFuture.supplyAsync(work, thread);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(new StoreUnavailableException("the server is stopping"));
        }
    }
}
