package io.culvert.control.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LedgerThreadTest {
    @Test
    void aDutyThatFailsRestsAndDisturbsNoOther() {
        AtomicLong time = new AtomicLong();
        AtomicBoolean broken = new AtomicBoolean(true);
        AtomicInteger tries = new AtomicInteger();
        AtomicInteger turns = new AtomicInteger();
        AtomicInteger lasts = new AtomicInteger();
        try (LedgerThread ledger = new LedgerThread(time::get, Duration.ofMillis(5))) {
            ledger.begin(List.of(
                    duty(
                            () -> {
                                tries.incrementAndGet();
                                if (broken.get()) {
                                    throw new StackOverflowError("on purpose");
                                }
                            },
                            lasts::incrementAndGet),
                    duty(turns::incrementAndGet, lasts::incrementAndGet)));
            await().until(() -> turns.get() > 5);
            assertThat(tries).hasValue(1);
            broken.set(false);
            time.addAndGet(Duration.ofMillis(251).toNanos());
            await().until(() -> tries.get() > 5);
        }
        assertThat(lasts).hasValue(2);
    }

    @Test
    void whoIsInAHurryDoesNotWaitForTheNextTurn() {
        AtomicInteger turns = new AtomicInteger();
        AtomicInteger others = new AtomicInteger();
        Duty urgent = duty(turns::incrementAndGet, () -> {});
        CountDownLatch free = new CountDownLatch(1);
        try (LedgerThread ledger = new LedgerThread(() -> 0, Duration.ofHours(1))) {
            ledger.begin(List.of(urgent, duty(others::incrementAndGet, () -> {})));
            ledger.execute(() -> awaitUninterruptibly(free));
            ledger.hurry(urgent);
            ledger.hurry(urgent);
            free.countDown();
            await().until(() -> others.get() == 1);
            assertThat(turns).as("one for the two that waited, one with all").hasValue(2);
            ledger.hurry(urgent);
            await().until(() -> others.get() == 2);
            assertThat(turns).hasValue(4);
        }
    }

    @Test
    void theHurryOfOneIsNoTurnForWhoKeepsToThePace() {
        AtomicInteger paced = new AtomicInteger();
        AtomicInteger others = new AtomicInteger();
        Duty urgent = duty(() -> {}, () -> {});
        Duty atPace = new Duty() {
            @Override
            public String name() {
                return "paced";
            }

            @Override
            public void turn() {
                paced.incrementAndGet();
            }

            @Override
            public boolean atPaceOnly() {
                return true;
            }
        };
        try (LedgerThread ledger = new LedgerThread(() -> 0, Duration.ofHours(1))) {
            ledger.begin(List.of(atPace, urgent, duty(others::incrementAndGet, () -> {})));
            ledger.hurry(urgent);
            await().until(() -> others.get() == 1);
            assertThat(paced).hasValue(0);
        }
        assertThat(paced).as("the last turn").hasValue(1);
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Duty duty(Runnable turn, Runnable last) {
        return new Duty() {
            @Override
            public String name() {
                return "test";
            }

            @Override
            public void turn() {
                turn.run();
            }

            @Override
            public void last() {
                last.run();
            }
        };
    }
}
