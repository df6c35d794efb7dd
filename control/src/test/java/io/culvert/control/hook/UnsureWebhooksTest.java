package io.culvert.control.hook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.control.Caller;
import io.culvert.control.HandClock;
import io.culvert.control.Projects;
import io.culvert.control.StoreUnavailableException;
import io.culvert.control.event.EventKind;
import io.culvert.control.event.EventLog;
import io.culvert.control.sql.SqlTunnelStore;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Webhooks whose changes were written, and nobody was told so. The test's thread is the ledger's. */
class UnsureWebhooksTest {
    private static final Caller TESTER = Caller.trusted("tester");
    private static final String SECRET = "a-secret-of-the-test";

    @TempDir
    Path data;

    private final HandClock clock = new HandClock();
    private final EventLog events = new EventLog(10);

    @Test
    void aChangeWhoseWriteFailedIsTakenBackInTheStoreToo() {
        try (SqlTunnelStore disk = SqlTunnelStore.open(data)) {
            DeafStore store = new DeafStore(disk.webhooks());
            Webhooks hooks = hooks(store);
            long id = add(hooks, "http://127.0.0.1:9/old");
            List<WebhookStore.Stored> before = store.load().webhooks();
            store.deaf = true;
            assertThatThrownBy(() -> get(hooks.change(TESTER, id, url("http://127.0.0.1:9/new"))))
                    .hasCauseInstanceOf(StoreUnavailableException.class);
            assertThatThrownBy(() -> get(hooks.newSecret(TESTER, id)))
                    .hasCauseInstanceOf(StoreUnavailableException.class);
            assertThat(store.load().webhooks()).as("written all the same").isNotEqualTo(before);
            assertThatThrownBy(hooks::turn).isInstanceOf(StoreUnavailableException.class);
            store.deaf = false;
            hooks.turn();
            assertThat(store.load().webhooks()).isEqualTo(before);
            assertThat(get(hooks.change(TESTER, id, url("http://127.0.0.1:9/newer")))
                            .url())
                    .isEqualTo("http://127.0.0.1:9/newer");
            hooks.turn();
            assertThat(store.load().webhooks().get(0).url()).isEqualTo("http://127.0.0.1:9/newer");
        }
    }

    @Test
    void aRemovalWhoseWriteFailedIsTakenBackInTheStoreTooWithAllThatWasOnItsWay() {
        try (SqlTunnelStore disk = SqlTunnelStore.open(data)) {
            DeafStore store = new DeafStore(disk.webhooks());
            Webhooks hooks = hooks(store);
            long id = add(hooks, "http://127.0.0.1:9/");
            events.add(clock.instant(), EventKind.CREATED, OptionalLong.of(7), Optional.empty(), "created", Map.of());
            hooks.turn();
            WebhookStore.Restored before = store.load();
            assertThat(before.deliveries()).hasSize(1);
            store.deaf = true;
            assertThatThrownBy(() -> get(hooks.remove(TESTER, id))).hasCauseInstanceOf(StoreUnavailableException.class);
            assertThat(store.load().webhooks()).as("removed all the same").isEmpty();
            store.deaf = false;
            hooks.turn();
            assertThat(store.load()).isEqualTo(before);
            assertThat(get(hooks.remove(TESTER, id))).isTrue();
            hooks.turn();
            assertThat(store.load().webhooks()).isEmpty();
            assertThat(store.load().deliveries()).isEmpty();
        }
    }

    private Webhooks hooks(WebhookStore store) {
        SecureRandom random = new SecureRandom();
        return Webhooks.open(
                events,
                store,
                call -> CompletableFuture.completedStage(204),
                id -> Map.of(),
                Projects.onlyDefault(),
                new SecretBox(new byte[SecretBox.KEY_BYTES], random),
                clock,
                random,
                WebhookSettings.defaults(),
                Runnable::run);
    }

    private static long add(Webhooks hooks, String url) {
        NewWebhook wanted = new NewWebhook(Optional.empty(), url, Optional.of(SECRET), Webhook.Filter.ALL, true);
        return get(hooks.add(TESTER, wanted)).webhook().id();
    }

    private static WebhookPatch url(String url) {
        return new WebhookPatch(Optional.of(url), Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** @throws CompletionException where it is a failure */
    private static <T> T get(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }

    /** The real store, whose answers to what is done to a webhook's row can get lost. */
    private static final class DeafStore implements WebhookStore {
        private final WebhookStore store;
        boolean deaf;

        DeafStore(WebhookStore store) {
            this.store = store;
        }

        @Override
        public Restored load() {
            return store.load();
        }

        @Override
        public void put(Stored webhook) {
            store.put(webhook);
            if (deaf) {
                throw new StoreUnavailableException(new SocketTimeoutException("no answer"));
            }
        }

        @Override
        public void remove(long webhook) {
            store.remove(webhook);
            if (deaf) {
                throw new StoreUnavailableException(new SocketTimeoutException("no answer"));
            }
        }

        @Override
        public void apply(List<Delivery> put, Set<String> gone, long seen) {
            store.apply(put, gone, seen);
        }
    }
}
