package io.culvert.control.access;

import static io.culvert.control.access.AccessWorld.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.culvert.control.StoreUnavailableException;
import io.culvert.control.ThrottledException;
import io.culvert.control.access.AccessThread.Turn;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AccessThreadTest {
    private final AccessThread thread = new AccessThread();
    private final CountDownLatch gate = new CountDownLatch(1);
    private final List<String> order = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        gate.countDown();
        thread.close();
    }

    @Test
    void fewPasswordsWaitAndTheRestIsRefusedAtOnce() {
        CompletionStage<String> running = occupied();
        for (int i = 0; i < Turn.STRANGER.most(); i++) {
            hash("hash " + i);
        }
        assertThatThrownBy(() -> done(thread.run(Turn.STRANGER, () -> "one too many")))
                .isInstanceOf(ThrottledException.class);
        CompletionStage<String> known = thread.run(Turn.KNOWN, () -> "has places of its own");
        gate.countDown();
        assertThat(done(running)).isEqualTo("done");
        assertThat(done(known)).isEqualTo("has places of its own");
        await().until(() -> order.size() == Turn.STRANGER.most());
        assertThat(done(thread.run(Turn.STRANGER, () -> "again"))).isEqualTo("again");
    }

    @Test
    void aRevocationDoesNotWaitForPasswordsNorAnAdminAtItsDeskForThoseOfStrangers() {
        CompletionStage<String> running = occupied();
        hash("hash 1");
        hash("hash 2");
        CompletionStage<Boolean> known = thread.run(Turn.KNOWN, () -> order.add("known"));
        CompletionStage<Boolean> change = thread.run(Turn.CHANGE, () -> order.add("change"));
        gate.countDown();
        assertThat(done(running)).isEqualTo("done");
        assertThat(done(change)).isTrue();
        assertThat(done(known)).isTrue();
        await().until(() -> order.size() == 4);
        assertThat(order).containsExactly("change", "known", "hash 1", "hash 2");
    }

    @Test
    void whatFailsFailsAloneAndWhatIsLateIsRefused() {
        assertThatThrownBy(() -> done(thread.run(Turn.CHANGE, () -> {
                    throw new IllegalStateException("on purpose");
                })))
                .hasMessage("on purpose");
        AtomicReference<String> name = new AtomicReference<>("");
        assertThat(done(thread.run(
                        Turn.CHANGE, () -> name.getAndSet(Thread.currentThread().getName()))))
                .isEmpty();
        assertThat(name).hasValue("culvert-access");
        thread.close();
        assertThatThrownBy(() -> done(thread.run(Turn.CHANGE, () -> "late")))
                .isInstanceOf(StoreUnavailableException.class);
    }

    private CompletionStage<String> occupied() {
        CompletableFuture<Boolean> begun = new CompletableFuture<>();
        CompletionStage<String> running = thread.run(Turn.CHANGE, () -> {
            begun.complete(true);
            try {
                gate.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return "done";
        });
        assertThat(done(begun)).isTrue();
        return running;
    }

    private void hash(String text) {
        var unused = thread.run(Turn.STRANGER, () -> order.add(text));
    }
}
