package io.culvert.link.net;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LookTest {
    // Wraps around during the tests, as System.nanoTime() may.
    private long now = Long.MAX_VALUE - 100_000;
    private final Look look = new Look(now);

    @Test
    void whoIsNotHurriedSleepsAtOnce() {
        for (int turn = 0; turn < 10; turn++) {
            assertThat(look.begins(now)).isFalse();
            now += Look.SHORT_TURN;
        }
    }

    @Test
    void looksGrowBehindShortSleepsUpToTheMost() {
        assertThat(look.begins(now)).isFalse();
        for (long length = Look.LEAST; length < 4 * Look.MOST; length *= 2) {
            now += Look.SHORT_TURN - 1;
            assertThat(look.begins(now)).isTrue();
            assertLooksFor(Math.min(length, Look.MOST));
        }
    }

    @Test
    void aLookThatFindsSomethingStaysAsItIs() {
        hurry();
        look.found();
        // However long what it found took.
        now += 10 * Look.SHORT_TURN;
        assertThat(look.begins(now)).isTrue();
        assertLooksFor(Look.MOST);
    }

    @Test
    void looksShrinkBehindALongSleepAndEnd() {
        hurry();
        for (long length = Look.MOST / 4; length >= Look.LEAST; length /= 4) {
            now += Look.SHORT_TURN;
            assertThat(look.begins(now)).isTrue();
            assertLooksFor(length);
        }
        now += Look.SHORT_TURN;
        assertThat(look.begins(now)).isFalse();
    }

    @Test
    void whoNeverFindsAnythingInTimeLooksForAFewHundredthsOfIt() {
        long turn = 120_000;
        long looked = 0;
        for (int turns = 0; turns < 10_000; turns++) {
            if (look.begins(now)) {
                long length = 1_000;
                while (look.goesOn(now, now + length)) {
                    length += 1_000;
                }
                looked += length;
            }
            now += turn;
        }
        assertThat(looked).isPositive().isLessThan(10_000 * turn / 20);
    }

    @Test
    void whoFindsSomethingInEverySecondLookGoesOn() {
        hurry();
        for (int turns = 0; turns < 100; turns++) {
            look.found();
            now += 50_000;
            assertThat(look.begins(now)).isTrue();
            now += 120_000;
            assertThat(look.begins(now)).isTrue();
            assertLooksFor(Look.MOST);
        }
    }

    @Test
    void aNeighbourThatTakesItsSliceEndsTheLooksUntilLittleIsOwed() {
        hurry();
        long slice = 4 * Look.SLICE;
        // 60 ms are owed for it, behind the second one 116.
        assertThat(staysBehind(slice)).isTrue();
        long even = now + 2 * Look.PRICE * (slice - Look.SLICE);
        assertThat(staysBehind(slice)).isFalse();
        now = even - Look.MOST_OWED;
        assertThat(look.begins(now - 1)).isFalse();
        look.found();
        assertThat(look.begins(now)).isTrue();
        assertThat(staysBehind(slice)).isFalse();
    }

    @Test
    void aLongStandstillCostsNoMoreThanALongSlice() {
        hurry();
        staysBehind(3_600_000_000_000L);
        assertThat(staysBehind(Look.SLICE)).isTrue();
    }

    @Test
    void whoRunsForNoLongerThanASliceCostsNothing() {
        hurry();
        for (int turn = 0; turn < 10_000; turn++) {
            assertThat(staysBehind(Look.SLICE)).isTrue();
        }
    }

    /** Whether there are looks yet, behind a neighbour that kept the processor so long. */
    private boolean staysBehind(long kept) {
        now += kept;
        look.goesOn(now - kept, now);
        look.found();
        return look.begins(now);
    }

    /** Leaves the look begun, and as long as it gets. */
    private void hurry() {
        for (long length = Look.LEAST / 2; length < Look.MOST; length *= 2) {
            look.begins(now);
            now += 1;
        }
        assertThat(look.begins(now)).isTrue();
    }

    private void assertLooksFor(long length) {
        assertThat(look.goesOn(now, now + length - 1)).isTrue();
        assertThat(look.goesOn(now, now + length)).isFalse();
    }
}
