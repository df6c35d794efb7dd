package io.culvert.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ControlLoopTest {
    private final ControlLoop loop = new ControlLoop(Ticker.system(), 100);

    @Test
    void aCommandThatThrowsEndsItselfOnly() {
        loop.start(new Idle());
        CompletionStage<String> exception = loop.change(() -> {
            throw new IllegalStateException("one");
        });
        CompletionStage<String> error = loop.quick(() -> {
            throw new StackOverflowError("two");
        });
        assertThat(exception.toCompletableFuture()).failsWithin(Duration.ofSeconds(10));
        assertThat(error.toCompletableFuture()).failsWithin(Duration.ofSeconds(10));
        assertThat(World.get(loop.change(() -> "still here"))).isEqualTo("still here");
        loop.stop("over");
    }

    @Test
    void aLoopThatEndsByItselfIsLoudAndRefusesAtOnce() {
        CountDownLatch broken = new CountDownLatch(1);
        loop.start(new Idle() {
            @Override
            public void lazy() {
                if (broken.getCount() == 0) {
                    throw new IllegalStateException("a bug");
                }
            }
        });
        CompletionStage<Boolean> last = loop.change(() -> {
            broken.countDown();
            return true;
        });
        assertThat(World.get(last)).isTrue();
        assertThat(loop.ended().toCompletableFuture())
                .failsWithin(Duration.ofSeconds(10))
                .withThrowableOfType(ExecutionException.class)
                .withMessageContaining("a bug");
        assertThatThrownBy(() -> World.get(loop.change(() -> true)))
                .hasCauseInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("control thread has ended");
        loop.stop("over");
    }

    @Test
    void whatWaitsIsRefusedAtTheEndAndTheLastDutyIsDone() {
        CompletableFuture<Void> finished = new CompletableFuture<>();
        loop.start(new Idle() {
            @Override
            public void last() {
                finished.complete(null);
            }
        });
        CountDownLatch running = new CountDownLatch(1);
        CompletableFuture<Boolean> gate = new CompletableFuture<>();
        CompletionStage<Boolean> first = loop.change(() -> {
            running.countDown();
            return waitFor(gate, Duration.ofMinutes(1));
        });
        World.get(CompletableFuture.runAsync(() -> awaitUnchecked(running)));
        CompletionStage<Boolean> second = loop.change(() -> true);
        CompletableFuture<Void> stopping = CompletableFuture.runAsync(() -> loop.stop("over"));
        assertThatThrownBy(() -> World.get(second)).hasCauseInstanceOf(StoreUnavailableException.class);
        assertThat(finished).isNotDone();
        gate.complete(true);
        assertThat(World.get(first)).isTrue();
        World.get(stopping);
        assertThat(finished).isDone();
        World.get(loop.ended());
    }

    @Test
    void whileAChangeWaitsQuickCommandsAndUrgentDutiesGoOnAndOtherChangesDoNot() {
        List<String> order = new ArrayList<>();
        Alarm alarm = new Alarm(order);
        loop.start(alarm);
        CompletableFuture<Boolean> gate = new CompletableFuture<>();
        CountDownLatch running = new CountDownLatch(1);
        CompletionStage<Boolean> first = loop.change(() -> {
            running.countDown();
            boolean answer = waitFor(gate, Duration.ofMinutes(1));
            order.add("first");
            return answer;
        });
        World.get(CompletableFuture.runAsync(() -> awaitUnchecked(running)));
        CompletionStage<Boolean> second = loop.change(() -> order.add("second"));
        boolean added = World.get(loop.quick(() -> order.add("quick")));
        assertThat(added).isTrue();
        World.get(loop.quick(() -> {
            alarm.at = OptionalLong.of(System.nanoTime() + Duration.ofMillis(20).toNanos());
            return true;
        }));
        World.get(alarm.rang);
        gate.complete(true);
        World.get(first);
        World.get(second);
        assertThat(order).containsExactly("quick", "urgent", "first", "second");
        loop.stop("over");
    }

    @Test
    void waitingHasABoundAndAFailureIsHandedOnUnwrapped() {
        loop.start(new Idle());
        assertThatThrownBy(
                        () -> World.get(loop.change(() -> waitFor(new CompletableFuture<>(), Duration.ofMillis(20)))))
                .hasRootCauseInstanceOf(TimeoutException.class)
                .hasRootCauseMessage("no answer within 20 ms");
        CompletableFuture<Boolean> failing = new CompletableFuture<>();
        failing.completeExceptionally(new IllegalArgumentException("no"));
        CompletionStage<@Nullable Throwable> cause = loop.change(() -> {
            try {
                boolean unused = loop.await(failing.thenApply(value -> value), Duration.ofSeconds(1));
                return null;
            } catch (ExecutionException | TimeoutException e) {
                return e.getCause();
            }
        });
        assertThat(World.get(cause)).isInstanceOf(IllegalArgumentException.class);
        loop.stop("over");
    }

    private boolean waitFor(CompletionStage<Boolean> stage, Duration bound) {
        try {
            return loop.await(stage, bound);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void awaitUnchecked(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Nothing to do. */
    private static class Idle implements ControlLoop.Duties {
        @Override
        public OptionalLong urgentDeadline() {
            return OptionalLong.empty();
        }

        @Override
        public void urgent(long nowNanos) {}

        @Override
        public OptionalLong lazyDeadline() {
            return OptionalLong.empty();
        }

        @Override
        public void lazy() {}

        @Override
        public void last() {}
    }

    /** One urgent duty at a time that the control thread sets. */
    private static final class Alarm extends Idle {
        final CompletableFuture<Boolean> rang = new CompletableFuture<>();
        private final List<String> order;
        OptionalLong at = OptionalLong.empty();

        Alarm(List<String> order) {
            this.order = order;
        }

        @Override
        public OptionalLong urgentDeadline() {
            return at;
        }

        @Override
        public void urgent(long nowNanos) {
            if (at.isPresent() && at.getAsLong() - nowNanos <= 0) {
                at = OptionalLong.empty();
                order.add("urgent");
                rang.complete(true);
            }
        }
    }
}
