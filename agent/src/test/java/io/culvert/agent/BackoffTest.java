package io.culvert.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BackoffTest {
    private static final Duration FIRST = Duration.ofMillis(250);
    private static final Duration MOST = Duration.ofSeconds(20);

    @Test
    void waitsBetweenHalfAndAllOfAStepThatDoublesUpToTheMost() {
        for (int seed = 0; seed < 100; seed++) {
            Backoff backoff = new Backoff(FIRST, MOST, new Random(seed));
            for (int millis : new int[] {250, 500, 1000, 2000, 4000, 8000, 16_000, 20_000, 20_000, 20_000}) {
                assertThat(backoff.next()).isBetween(Duration.ofMillis(millis / 2), Duration.ofMillis(millis));
            }
        }
    }

    @Test
    void beginsAnewAfterAReset() {
        Backoff backoff = new Backoff(FIRST, MOST, new Random(1));
        for (int i = 0; i < 5; i++) {
            backoff.next();
        }
        backoff.reset();
        assertThat(backoff.next()).isLessThanOrEqualTo(FIRST);
        assertThat(backoff.next()).isBetween(FIRST, FIRST.multipliedBy(2));
    }

    /** The point of it all: agents that were cut at the same moment do not come back at the same moment. */
    @Test
    void spreadsAThousandAgents() {
        Random random = new Random(2);
        List<Duration> waits = Stream.generate(() -> new Backoff(FIRST, MOST, random).next())
                .limit(1000)
                .toList();
        for (int tenth = 0; tenth < 10; tenth++) {
            Duration from = Duration.ofNanos(FIRST.toNanos() / 2 + FIRST.toNanos() / 20 * tenth);
            Duration to = from.plusNanos(FIRST.toNanos() / 20);
            assertThat(IntStream.range(0, waits.size())
                            .filter(i -> waits.get(i).compareTo(from) >= 0
                                    && waits.get(i).compareTo(to) < 0)
                            .count())
                    .isBetween(50L, 150L);
        }
    }
}
