package io.culvert.gateway.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BucketTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);

    @Test
    void placesAreAsLongAsTheirBytesTake() {
        Bucket bucket = new Bucket(1_000, 5 * SECOND);
        assertThat(bucket.reserve(10, 5 * SECOND)).isEqualTo(5 * SECOND);
        assertThat(bucket.reserve(20, 5 * SECOND)).isBetween(5 * SECOND + 10 * MS, 5 * SECOND + 10 * MS + 1);
        assertThat(bucket.reserve(1, 5 * SECOND)).isBetween(5 * SECOND + 30 * MS, 5 * SECOND + 30 * MS + 2);
    }

    @Test
    void onlyATenthOfASecondIsMadeUpFor() {
        Bucket bucket = new Bucket(1_000, 0);
        long now = 60 * SECOND;
        int atOnce = 0;
        while (bucket.reserve(10, now) <= now) {
            atOnce += 10;
        }
        assertThat(atOnce).isBetween(100, 110);
    }

    @Test
    void whatIsGivenBackIsAnothers() {
        Bucket bucket = new Bucket(1_000, 0);
        assertThat(bucket.reserve(500, 0)).isZero();
        assertThat(bucket.reserve(500, 0)).isBetween(500 * MS, 500 * MS + 1);
        bucket.refund(500);
        bucket.arrived();
        assertThat(bucket.reserve(1, 0)).isBetween(500 * MS, 500 * MS + 1);
    }

    /** One that cannot wait beside two that can: each has a third. */
    @Test
    void whoTakesAtOnceOrNotAtAllHasAShareToo() {
        Bucket bucket = new Bucket(300_000, 0);
        int turn = bucket.turn();
        long[] turnAt = {-1, -1};
        long waited = 0;
        long taken = 0;
        for (long now = 0; now < 10 * SECOND; now += MS) {
            for (int i = 0; i < turnAt.length; i++) {
                if (turnAt[i] > now) {
                    continue;
                }
                if (turnAt[i] >= 0) {
                    bucket.arrived();
                    waited += turn;
                }
                long begins = bucket.reserve(turn, now);
                while (begins <= now) {
                    waited += turn;
                    begins = bucket.reserve(turn, now);
                }
                turnAt[i] = begins;
            }
            for (int i = 0; i < 5; i++) {
                taken += bucket.take(1_000, now) ? 1_000 : 0;
            }
        }
        assertThat(taken + waited).isBetween(2_900_000L, 3_100_000L);
        assertThat(taken).isBetween(700_000L, 1_300_000L);
    }

    @Test
    void turnsAreShortButNotEmptyAndNoRateIsTooGreat() {
        assertThat(new Bucket(1, 0).turn()).isEqualTo(1);
        assertThat(new Bucket(100_000, 0).turn()).isEqualTo(1_000);
        Bucket endless = new Bucket(Long.MAX_VALUE, 0);
        assertThat(endless.turn()).isEqualTo(256 * 1024);
        for (int i = 0; i < 1_000; i++) {
            assertThat(endless.reserve(256 * 1024, SECOND)).isLessThanOrEqualTo(SECOND);
        }
    }
}
