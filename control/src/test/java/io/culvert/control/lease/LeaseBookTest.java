package io.culvert.control.lease;

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
        start(book, 1, Duration.ofNanos(100), 1_000);
        assertThat(book.nextDeadline()).hasValue(1_100);
        assertThat(over(book, 1_099)).isEmpty();
        assertThat(book.isOver(1, 1_099)).isFalse();
        assertThat(book.isOver(1, 1_100)).isTrue();
        assertThat(over(book, 1_100)).containsExactly(1L);
        assertThat(over(book, 1_100)).isEmpty();
        assertThat(book.nextDeadline()).isEmpty();
        assertThat(book.size()).isZero();
    }

    @Test
    void renewalCountsFromItsOwnTime() {
        start(book, 1, Duration.ofNanos(100), 0);
        book.renew(1, 60);
        assertThat(over(book, 100)).isEmpty();
        assertThat(book.nextDeadline()).hasValue(160);
    }

    @Test
    void renewalThatWasOvertakenTakesNothingAway() {
        start(book, 1, Duration.ofNanos(100), 0);
        book.renew(1, 60);
        book.renew(1, 50);
        assertThat(book.nextDeadline()).hasValue(160);
    }

    @Test
    void whatIsNotRunningIsLeftAlone() {
        book.renew(7, 10);
        book.end(7);
        assertThat(book.isOver(7, Long.MAX_VALUE)).isFalse();
        assertThat(book.nextDeadline()).isEmpty();
    }

    @Test
    void leasesThatEndTogetherComeTogether() {
        for (long id = 1; id <= 2_000; id++) {
            start(book, id, Duration.ofSeconds(1), 0);
        }
        book.end(1_000);
        assertThat(over(book, Duration.ofSeconds(1).toNanos())).hasSize(1_999).doesNotContain(1_000L);
    }

    @Test
    void orderHoldsWhereTheTickerWraps() {
        long now = Long.MAX_VALUE - 50;
        start(book, 1, Duration.ofNanos(100), now);
        start(book, 2, Duration.ofNanos(20), now);
        assertThat(book.nextDeadline()).hasValue(now + 20);
        assertThat(over(book, now + 60)).containsExactly(2L);
        assertThat(book.nextDeadline()).hasValue(Long.MIN_VALUE + 49);
        assertThat(over(book, now + 99)).isEmpty();
        assertThat(over(book, now + 100)).containsExactly(1L);
    }

    @Test
    void timeToLiveBeyondAllMeasureIsNeitherDueNorFirst() {
        start(book, 1, Duration.ofSeconds(Long.MAX_VALUE), Long.MAX_VALUE - 1);
        start(book, 2, Duration.ofSeconds(1), Long.MAX_VALUE - 1);
        assertThat(over(book, Long.MAX_VALUE - 1 + Duration.ofDays(365).toNanos()))
                .containsExactly(2L);
        assertThat(book.size()).isOne();
    }

    @Test
    void refusesWhatCannotBe() {
        start(book, 1, Duration.ofSeconds(1), 0);
        assertThatThrownBy(() -> start(book, 1, Duration.ofSeconds(1), 0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(
                        () -> new LeaseTimes(Duration.ofSeconds(1), Duration.ofSeconds(-1), Duration.ZERO, List.of()))
                .isInstanceOf(IllegalArgumentException.class);
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
                            start(tested, id, Duration.ofNanos(ttl), origin + now);
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
                        assertThat(over(tested, origin + now)).isEqualTo(expected);
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

    @Test
    void aLeaseOfNoTimeIsInTheBookAndNeverDue() {
        start(book, 1, Duration.ZERO, 0);
        assertThat(book.nextDeadline()).isEmpty();
        assertThat(book.size()).isOne();
        assertThat(book.isOver(1, 1_000)).isFalse();
        book.renew(1, 50);
        book.end(1);
        assertThat(book.size()).isZero();
    }

    @Test
    void graceComesAfterTheDeadlineAndARenewalEndsIt() {
        book.start(1, times(100, 50, 0), OptionalLong.empty(), false, 0);
        assertThat(book.due(99)).isEmpty();
        assertThat(book.due(100)).containsExactly(new Due.Overdue(1, false));
        assertThat(book.phase(1)).isEqualTo(LeaseBook.Phase.GRACE);
        assertThat(book.isOver(1, 149)).isFalse();
        assertThat(book.isOver(1, 150)).isTrue();
        book.renew(1, 120);
        assertThat(book.phase(1)).isEqualTo(LeaseBook.Phase.RUNNING);
        assertThat(book.due(219)).isEmpty();
        assertThat(book.due(220)).containsExactly(new Due.Overdue(1, false));
        assertThat(book.due(270)).containsExactly(new Due.Over(1, Due.End.GRACE));
        assertThat(book.size()).isZero();
    }

    @Test
    void drainWithoutGraceIsTheLastPhase() {
        book.start(1, times(100, 0, 30), OptionalLong.empty(), false, 0);
        assertThat(book.due(100)).containsExactly(new Due.Draining(1, Due.End.DEADLINE, Duration.ofNanos(30)));
        assertThat(book.isOver(1, 0)).isTrue();
        book.renew(1, 100);
        book.hold(1, true, 100);
        book.change(1, times(1_000, 0, 0), OptionalLong.empty(), false, 100);
        assertThat(book.due(129)).isEmpty();
        assertThat(book.due(130)).containsExactly(new Due.Over(1, Due.End.DEADLINE));
    }

    @Test
    void drainInTheGraceEndsByItselfOrRunsOnAfterIt() {
        book.start(1, times(100, 50, 30), OptionalLong.empty(), false, 0);
        assertThat(book.due(100)).containsExactly(new Due.Overdue(1, true));
        assertThat(book.due(130)).containsExactly(new Due.Cut(1));
        assertThat(book.due(150)).containsExactly(new Due.Over(1, Due.End.GRACE));
        book.start(2, times(100, 50, 80), OptionalLong.empty(), false, 0);
        assertThat(book.due(100)).containsExactly(new Due.Overdue(2, true));
        assertThat(book.due(150)).containsExactly(new Due.Draining(2, Due.End.GRACE, Duration.ofNanos(30)));
        assertThat(book.due(180)).containsExactly(new Due.Over(2, Due.End.GRACE));
    }

    @Test
    void theHardEndComesWhateverRenewsAndWithoutGrace() {
        book.start(1, times(100, 500, 20), OptionalLong.of(250), false, 0);
        book.renew(1, 90);
        book.renew(1, 180);
        assertThat(book.due(249)).isEmpty();
        assertThat(book.due(250)).containsExactly(new Due.Draining(1, Due.End.HARD, Duration.ofNanos(20)));
        assertThat(book.due(270)).containsExactly(new Due.Over(1, Due.End.HARD));
        book.start(2, times(100, 500, 0), OptionalLong.of(250), true, 0);
        assertThat(book.due(250)).containsExactly(new Due.Over(2, Due.End.HARD));
        book.start(3, times(100, 500, 20), OptionalLong.of(250), false, 0);
        assertThat(book.due(100)).containsExactly(new Due.Overdue(3, true));
        assertThat(book.due(120)).containsExactly(new Due.Cut(3));
        assertThat(book.due(250)).containsExactly(new Due.Over(3, Due.End.HARD));
    }

    @Test
    void aHeldLeaseStandsStillAndStartsWhole() {
        book.start(1, times(100, 0, 0), OptionalLong.empty(), false, 0);
        book.hold(1, true, 60);
        assertThat(book.held(1)).isTrue();
        assertThat(book.nextDeadline()).isEmpty();
        assertThat(book.due(1_000)).isEmpty();
        book.hold(1, false, 1_000);
        assertThat(book.nextDeadline()).hasValue(1_100);
        assertThat(over(book, 1_100)).containsExactly(1L);
    }

    @Test
    void aHoldBringsALeaseBackFromItsGrace() {
        book.start(1, times(100, 50, 0), OptionalLong.empty(), false, 0);
        assertThat(book.due(100)).hasSize(1);
        book.hold(1, true, 120);
        assertThat(book.phase(1)).isEqualTo(LeaseBook.Phase.RUNNING);
        assertThat(book.due(500)).isEmpty();
    }

    @Test
    void eachWarningComesOnceForEachDeadline() {
        LeaseTimes warned = new LeaseTimes(
                Duration.ofNanos(100),
                Duration.ofNanos(40),
                Duration.ZERO,
                List.of(Duration.ofNanos(30), Duration.ofNanos(10), Duration.ofNanos(100)));
        book.start(1, warned, OptionalLong.of(300), false, 0);
        assertThat(book.nextDeadline()).hasValue(70);
        assertThat(book.due(70)).containsExactly(warning(30, Due.End.DEADLINE));
        assertThat(book.due(80)).isEmpty();
        book.renew(1, 80);
        assertThat(book.due(175)).containsExactly(warning(30, Due.End.DEADLINE), warning(10, Due.End.DEADLINE));
        assertThat(book.due(180)).containsExactly(new Due.Overdue(1, false));
        assertThat(book.due(190)).containsExactly(warning(30, Due.End.GRACE));
        book.renew(1, 195);
        assertThat(book.due(200)).containsExactly(warning(100, Due.End.HARD));
        assertThat(book.due(270)).containsExactly(warning(30, Due.End.HARD), warning(30, Due.End.DEADLINE));
        book.renew(1, 270);
        // The deadline would be behind the hard end: nobody is warned of what does not come.
        assertThat(book.due(290)).containsExactly(warning(10, Due.End.HARD));
        assertThat(book.due(300)).containsExactly(new Due.Over(1, Due.End.HARD));
    }

    @Test
    void otherTermsCountFromTheLastRenewal() {
        book.start(1, times(100, 50, 0), OptionalLong.empty(), false, 0);
        book.change(1, times(200, 50, 0), OptionalLong.empty(), false, 60);
        assertThat(book.due(199)).isEmpty();
        assertThat(book.due(200)).containsExactly(new Due.Overdue(1, false));
        book.change(1, times(400, 50, 0), OptionalLong.empty(), false, 210);
        assertThat(book.phase(1)).isEqualTo(LeaseBook.Phase.RUNNING);
        book.change(1, times(100, 0, 0), OptionalLong.empty(), false, 210);
        assertThat(book.due(210)).containsExactly(new Due.Over(1, Due.End.DEADLINE));
    }

    @Test
    void aWishEndsItAtItsMoment() {
        start(book, 1, Duration.ZERO, 0);
        book.drain(1, 500);
        assertThat(book.phase(1)).isEqualTo(LeaseBook.Phase.DRAINING);
        assertThat(book.due(499)).isEmpty();
        assertThat(book.due(500)).containsExactly(new Due.Over(1, Due.End.WISH));
        assertThat(book.phase(1)).isEqualTo(LeaseBook.Phase.NONE);
    }

    private static Due warning(long before, Due.End end) {
        return new Due.Warning(1, Duration.ofNanos(before), end);
    }

    private static LeaseTimes times(long ttl, long grace, long drain) {
        return new LeaseTimes(Duration.ofNanos(ttl), Duration.ofNanos(grace), Duration.ofNanos(drain), List.of());
    }

    private static void start(LeaseBook book, long id, Duration ttl, long now) {
        book.start(id, LeaseTimes.of(ttl), OptionalLong.empty(), false, now);
    }

    /** What ends, where nothing else can come to pass. */
    private static List<Long> over(LeaseBook book, long now) {
        return book.due(now).stream()
                .map(due -> {
                    assertThat(due).isInstanceOf(Due.Over.class);
                    return due.id();
                })
                .toList();
    }

    private static List<Long> due(Map<Long, Long> deadlines, long now) {
        List<Map.Entry<Long, Long>> ended = new ArrayList<>(deadlines.entrySet());
        ended.removeIf(entry -> entry.getValue() > now);
        ended.sort(Map.Entry.<Long, Long>comparingByValue().thenComparing(Map.Entry.comparingByKey()));
        return ended.stream().map(Map.Entry::getKey).toList();
    }
}
