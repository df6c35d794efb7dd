package io.culvert.control.access;

import static io.culvert.control.access.AccessWorld.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.culvert.control.StoreUnavailableException;
import io.culvert.control.ThrottledException;
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
        for (int i = 0; i < AccessThread.MOST_HASHES; i++) {
            hash("hash " + i);
        }
        assertThatThrownBy(() -> done(thread.hash(() -> "one too many"))).isInstanceOf(ThrottledException.class);
        gate.countDown();
        assertThat(done(running)).isEqualTo("done");
        await().until(() -> order.size() == AccessThread.MOST_HASHES);
        assertThat(done(thread.hash(() -> "again"))).isEqualTo("again");
    }

    @Test
    void aRevocationDoesNotWaitForPasswords() {
        CompletionStage<String> running = occupied();
        hash("hash 1");
        hash("hash 2");
        CompletionStage<Boolean> change = thread.change(() -> order.add("change"));
        gate.countDown();
        assertThat(done(running)).isEqualTo("done");
        assertThat(done(change)).isTrue();
        await().until(() -> order.size() == 3);
        assertThat(order).containsExactly("change", "hash 1", "hash 2");
    }

    @Test
    void whatFailsFailsAloneAndWhatIsLateIsRefused() {
        assertThatThrownBy(() -> done(thread.change(() -> {
                    throw new IllegalStateException("on purpose");
                })))
                .hasMessage("on purpose");
        AtomicReference<String> name = new AtomicReference<>("");
        assertThat(done(thread.change(
                        () -> name.getAndSet(Thread.currentThread().getName()))))
                .isEmpty();
        assertThat(name).hasValue("culvert-access");
        thread.close();
        assertThatThrownBy(() -> done(thread.change(() -> "late"))).isInstanceOf(StoreUnavailableException.class);
    }

    private CompletionStage<String> occupied() {
        CompletableFuture<Boolean> begun = new CompletableFuture<>();
        CompletionStage<String> running = thread.change(() -> {
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
        var unused = thread.hash(() -> order.add(text));
    }
}
