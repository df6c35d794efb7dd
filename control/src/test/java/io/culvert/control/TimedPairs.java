package io.culvert.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.function.LongSupplier;

/**
 * Whether the time that one thing takes can be told from that of another. 10,000 tries are 5,000 pairs, one try of each, in an order
 * that is thrown for each pair, so that whatever else the machine does meets both alike. Were there no difference, the second one would be the
 * slower one in half of the pairs, give or take {@code 0.5 / sqrt(5000)} = 0.7 %. More than five times that is something that can be seen.
 * A round that sees it by accident comes up once in a million; a difference that is there comes up in every round, and on the same side,
 * so three rounds are asked before it is said that there is one. One thread.
 */
public final class TimedPairs {
    private static final int PAIRS = 5_000;
    private static final double SEEN = 5 * 0.5 / Math.sqrt(PAIRS);
    private static final int ROUNDS = 3;

    private final Random random = new Random(42);
    private final LongSupplier first;
    private final LongSupplier second;
    private final Duration blind;

    /**
     * @param first does the one thing once, and says how many nanoseconds that took
     * @param second likewise
     */
    public TimedPairs(LongSupplier first, LongSupplier second) {
        this(first, second, Duration.ZERO);
    }

    /**
     * @param first does the one thing once, and says how many nanoseconds that took
     * @param second likewise
     * @param blind a difference of both medians that is no more than this does not count, as nobody outside can see it
     */
    public TimedPairs(LongSupplier first, LongSupplier second, Duration blind) {
        this.first = first;
        this.second = second;
        this.blind = blind;
    }

    /**
     * 10,000 tries.
     *
     * @param tilt how often the second thing took longer than the first one, minus a half
     * @param firstMedian in nanoseconds, for the message
     * @param secondMedian likewise
     */
    private record Round(double tilt, long firstMedian, long secondMedian) {
        private boolean isSeen(Duration blind) {
            return Math.abs(tilt) > SEEN && Math.abs(firstMedian - secondMedian) > blind.toNanos();
        }
    }

    /** Fails where the one takes longer than the other. */
    public void assertAlike(String what) {
        warmUp();
        Round[] rounds = new Round[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
            rounds[i] = round();
            if (!rounds[i].isSeen(blind) || rounds[i].tilt() * rounds[0].tilt() < 0) {
                return;
            }
        }
        throw new AssertionError(what + " can be told by time: " + Arrays.toString(rounds));
    }

    /** Fails where the second one is not seen to take longer than the first one: then {@link #assertAlike} would say nothing. */
    public void assertSecondIsSlower(String what) {
        warmUp();
        Round round = round();
        assertThat(round.isSeen(blind)).as("%s: %s", what, round).isTrue();
        assertThat(round.tilt()).as("%s: %s", what, round).isPositive();
    }

    private void warmUp() {
        assertThat(round().firstMedian()).isPositive();
    }

    private Round round() {
        long[] firsts = new long[PAIRS];
        long[] seconds = new long[PAIRS];
        double slower = 0;
        for (int i = 0; i < PAIRS; i++) {
            boolean swapped = random.nextBoolean();
            long one = (swapped ? second : first).getAsLong();
            long other = (swapped ? first : second).getAsLong();
            firsts[i] = swapped ? other : one;
            seconds[i] = swapped ? one : other;
            slower += seconds[i] > firsts[i] ? 1 : seconds[i] == firsts[i] ? 0.5 : 0;
        }
        return new Round(slower / PAIRS - 0.5, median(firsts), median(seconds));
    }

    private static long median(long[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }
}
