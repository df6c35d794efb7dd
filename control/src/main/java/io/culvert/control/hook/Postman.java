package io.culvert.control.hook;

import io.culvert.control.event.Event;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Posts events and tells on the ledger thread what came of it. Ledger thread only. */
final class Postman {
    private static final Logger log = LoggerFactory.getLogger(Postman.class);

    private final HookSender sender;
    private final InstantSource clock;
    private final Executor thread;

    Postman(HookSender sender, InstantSource clock, Executor thread) {
        this.sender = sender;
        this.clock = clock;
        this.thread = thread;
    }

    /** Posts an event to where the outbox leads now. */
    void post(Outbox outbox, String delivery, Event event, Consumer<Attempt> told) {
        Instant began = clock.instant();
        var unused = answer(outbox, delivery, event, began).whenComplete((status, failure) -> {
            Attempt attempt = attempt(began, status, failure);
            try {
                thread.execute(() -> told.accept(attempt));
            } catch (RejectedExecutionException e) {
                // The server stops: the delivery stands in the store, and the next start tries it again.
                log.debug("webhook delivery {}: too late to note", delivery);
            }
        });
    }

    private CompletionStage<Integer> answer(Outbox outbox, String delivery, Event event, Instant at) {
        if (outbox.secret().isEmpty()) {
            return CompletableFuture.failedFuture(
                    new IllegalStateException("its secret was sealed with another key; give it a new one"));
        }
        try {
            URI url = URI.create(outbox.webhook().url());
            AddressRule rule = AddressRule.of(outbox.webhook().project());
            return sender.send(
                    new HookSender.Call(delivery, url, rule, outbox.secret().get(), event, at));
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private Attempt attempt(Instant began, @Nullable Integer status, @Nullable Throwable failure) {
        Duration took = Duration.between(began, clock.instant());
        return status != null
                ? new Attempt(began, took, OptionalInt.of(status), "HTTP " + status)
                : new Attempt(began, took, OptionalInt.empty(), reason(failure));
    }

    private static String reason(@Nullable Throwable failure) {
        Throwable why = failure;
        while (why instanceof CompletionException && why.getCause() != null) {
            why = why.getCause();
        }
        if (why == null) {
            return "no answer";
        }
        String message = why.getMessage();
        return message == null ? why.getClass().getSimpleName() : message;
    }
}
