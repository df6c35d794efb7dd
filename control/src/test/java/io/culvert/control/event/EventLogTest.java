package io.culvert.control.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class EventLogTest {
    private static final Instant THEN = Instant.parse("2026-01-02T03:04:05Z");

    @Test
    void keepsTheLastAndSaysWhereSomeAreMissing() {
        EventLog log = new EventLog(3);
        add(log, 5);
        assertThat(ids(log.after(0))).containsExactly(3L, 4L, 5L);
        assertThat(log.subscribe(1, event -> {}).gap()).isTrue();
        EventLog.Subscription whole = log.subscribe(2, event -> {});
        assertThat(whole.gap()).isFalse();
        assertThat(ids(whole.missed())).containsExactly(3L, 4L, 5L);
        assertThat(log.subscribe(5, event -> {}).gap()).isFalse();
        // A number from a life that nobody remembers.
        assertThat(log.subscribe(9, event -> {}).gap()).isTrue();
    }

    @Test
    void aListenerHearsEverythingInOrderFromManyThreads() throws Exception {
        EventLog log = new EventLog(100_000);
        Queue<Long> heard = new ConcurrentLinkedQueue<>();
        log.subscribe(0, event -> heard.add(event.id()));
        Thread[] adders = new Thread[4];
        for (int i = 0; i < adders.length; i++) {
            adders[i] = new Thread(() -> add(log, 5_000));
            adders[i].start();
        }
        for (Thread adder : adders) {
            adder.join();
        }
        await().untilAsserted(() -> assertThat(heard).hasSize(20_000));
        assertThat(heard)
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, 20_000).boxed().toList());
    }

    @Test
    void aListenerThatWaitsOrThrowsHarmsNobody() {
        EventLog log = new EventLog(10);
        CountDownLatch never = new CountDownLatch(1);
        Queue<Long> heard = new ConcurrentLinkedQueue<>();
        log.subscribe(0, event -> {
            try {
                never.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        log.subscribe(0, event -> {
            heard.add(-event.id());
            throw new IllegalStateException("on purpose");
        });
        log.subscribe(0, event -> {
            heard.add(event.id());
            throw new StackOverflowError("on purpose");
        });
        add(log, 3);
        await().untilAsserted(() -> assertThat(heard).containsExactlyInAnyOrder(1L, 2L, 3L, -1L, -2L, -3L));
        never.countDown();
    }

    @Test
    void whoHasLeftHearsNothing() {
        EventLog log = new EventLog(10);
        Queue<Long> heard = new ConcurrentLinkedQueue<>();
        Queue<Long> other = new ConcurrentLinkedQueue<>();
        EventLog.Subscription left = log.subscribe(0, event -> heard.add(event.id()));
        log.subscribe(0, event -> other.add(event.id()));
        left.close();
        add(log, 1);
        await().untilAsserted(() -> assertThat(other).containsExactly(1L));
        assertThat(heard).isEmpty();
    }

    static void add(EventLog log, int count) {
        for (int i = 0; i < count; i++) {
            log.add(
                    THEN,
                    EventKind.UP,
                    OptionalLong.of(7),
                    Optional.of("default"),
                    "tunnel 7 is up",
                    Map.of("kind", "own"));
        }
    }

    static List<Long> ids(List<Event> events) {
        return events.stream().map(Event::id).toList();
    }
}
