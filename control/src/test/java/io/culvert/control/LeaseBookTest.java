package io.culvert.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LeaseBookTest {
    private final LeaseBook book = new LeaseBook();

    @Test
    void endsAtItsDeadlineAndNotBefore() {
        book.start(1, Duration.ofNanos(100), 1_000);
        assertThat(book.nextDeadline()).hasValue(1_100);
        assertThat(book.due(1_099)).isEmpty();
        assertThat(book.isDue(1, 1_099)).isFalse();
        assertThat(book.isDue(1, 1_100)).isTrue();
        assertThat(book.due(1_100)).containsExactly(1L);
        assertThat(book.due(1_100)).isEmpty();
        assertThat(book.nextDeadline()).isEmpty();
        assertThat(book.size()).isZero();
    }

    @Test
    void renewalCountsFromItsOwnTime() {
        book.start(1, Duration.ofNanos(100), 0);
        book.renew(1, 60);
        assertThat(book.due(100)).isEmpty();
        assertThat(book.nextDeadline()).hasValue(160);
    }

    @Test
    void renewalThatWasOvertakenTakesNothingAway() {
        book.start(1, Duration.ofNanos(100), 0);
        book.renew(1, 60);
        book.renew(1, 50);
        assertThat(book.nextDeadline()).hasValue(160);
    }

    @Test
    void whatIsNotRunningIsLeftAlone() {
        book.renew(7, 10);
        book.end(7);
        assertThat(book.isDue(7, Long.MAX_VALUE)).isFalse();
        assertThat(book.nextDeadline()).isEmpty();
    }

    @Test
    void leasesThatEndTogetherComeTogether() {
        for (long id = 1; id <= 2_000; id++) {
            book.start(id, Duration.ofSeconds(1), 0);
        }
        book.end(1_000);
        assertThat(book.due(Duration.ofSeconds(1).toNanos())).hasSize(1_999).doesNotContain(1_000L);
    }

    @Test
    void orderHoldsWhereTheTickerWraps() {
        long now = Long.MAX_VALUE - 50;
        book.start(1, Duration.ofNanos(100), now);
        book.start(2, Duration.ofNanos(20), now);
        assertThat(book.nextDeadline()).hasValue(now + 20);
        assertThat(book.due(now + 60)).containsExactly(2L);
        assertThat(book.nextDeadline()).hasValue(Long.MIN_VALUE + 49);
        assertThat(book.due(now + 99)).isEmpty();
        assertThat(book.due(now + 100)).containsExactly(1L);
    }

    @Test
    void timeToLiveBeyondAllMeasureIsNeitherDueNorFirst() {
        book.start(1, Duration.ofSeconds(Long.MAX_VALUE), Long.MAX_VALUE - 1);
        book.start(2, Duration.ofSeconds(1), Long.MAX_VALUE - 1);
        assertThat(book.due(Long.MAX_VALUE - 1 + Duration.ofDays(365).toNanos()))
                .containsExactly(2L);
        assertThat(book.size()).isOne();
    }

    @Test
    void refusesWhatCannotBe() {
        book.start(1, Duration.ofSeconds(1), 0);
        assertThatThrownBy(() -> book.start(1, Duration.ofSeconds(1), 0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> book.start(2, Duration.ZERO, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("ttl: PT0S (expected: more than zero)");
    }

    /** Against a model that keeps plain, never wrapping times in a map and looks through all of it. */
    @ParameterizedTest
    @ValueSource(longs = {0, 1, -1, Long.MAX_VALUE, Long.MAX_VALUE - 40_000, Long.MIN_VALUE, 123_456_789})
    void agreesWithANaiveModel(long origin) {
        for (int seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            LeaseBook tested = new LeaseBook();
            Map<Long, Long> ttls = new HashMap<>();
            Map<Long, Long> deadlines = new HashMap<>();
            long now = 0;
            for (int step = 0; step < 3_000; step++) {
                now += random.nextInt(30);
                long id = random.nextInt(60);
                switch (random.nextInt(5)) {
                    case 0, 1 -> {
                        if (!deadlines.containsKey(id)) {
                            long ttl = random.nextLong(1, 800);
                            ttls.put(id, ttl);
                            deadlines.put(id, now + ttl);
                            tested.start(id, Duration.ofNanos(ttl), origin + now);
                        }
                    }
                    case 2 -> {
                        long at = now - random.nextInt(20);
                        long ttl = ttls.getOrDefault(id, 0L);
                        deadlines.computeIfPresent(id, (key, old) -> Math.max(old, at + ttl));
                        tested.renew(id, origin + at);
                    }
                    case 3 -> {
                        deadlines.remove(id);
                        tested.end(id);
                    }
                    default -> {
                        List<Long> expected = due(deadlines, now);
                        assertThat(tested.due(origin + now)).isEqualTo(expected);
                        expected.forEach(deadlines::remove);
                    }
                }
                assertThat(tested.size()).isEqualTo(deadlines.size());
                assertThat(tested.nextDeadline())
                        .isEqualTo(deadlines.values().stream()
                                .min(Comparator.naturalOrder())
                                .map(first -> OptionalLong.of(origin + first))
                                .orElse(OptionalLong.empty()));
            }
        }
    }

    private static List<Long> due(Map<Long, Long> deadlines, long now) {
        List<Map.Entry<Long, Long>> ended = new ArrayList<>(deadlines.entrySet());
        ended.removeIf(entry -> entry.getValue() > now);
        ended.sort(Map.Entry.<Long, Long>comparingByValue().thenComparing(Map.Entry.comparingByKey()));
        return ended.stream().map(Map.Entry::getKey).toList();
    }
}
