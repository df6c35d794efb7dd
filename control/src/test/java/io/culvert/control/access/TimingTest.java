package io.culvert.control.access;

import static io.culvert.control.access.AccessWorld.HOME;
import static io.culvert.control.access.AccessWorld.PASSWORD;
import static io.culvert.control.access.AccessWorld.credentials;
import static io.culvert.control.access.AccessWorld.origin;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.control.HandClock;
import io.culvert.control.UnauthorizedException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whether the time that a sign-in takes tells whether there is such a user. 10,000 tries are 5,000 pairs, one for a user who is there with a
 * wrong password and one for a user who is not, in an order that is thrown for each pair, so that whatever else the machine does meets both alike.
 * Were there no difference, the unknown user would be the slower one in half of the pairs, give or take {@code 0.5 / sqrt(5000)} =
 * 0.7 %. More than five times that is something that can be seen. A round that sees it by accident comes up once in a million; a
 * difference that is there comes up in every round, and on the same side, so three rounds are asked before it is said that there is one.
 *
 * <p>Passwords are cheap here, so that a difference of some microseconds is not lost in the hash, as it would be in a real one of some
 * tens of milliseconds.
 */
class TimingTest {
    private static final int PAIRS = 5_000;
    private static final double SEEN = 5 * 0.5 / Math.sqrt(PAIRS);
    private static final int ROUNDS = 3;
    private static final Argon2Cost CHEAP = new Argon2Cost(64, 1, 1);

    @TempDir
    Path scratch;

    private final HandClock clock = new HandClock();
    private final Random random = new Random(42);

    /** How often the second name took longer than the first one, minus a half; and both medians, for the message. */
    private record Round(double tilt, long firstMedian, long secondMedian) {
        boolean isSeen() {
            return Math.abs(tilt) > SEEN;
        }
    }

    @Test
    void anUnknownUserTakesAsLongAsAWrongPassword() {
        try (AccessWorld world = new AccessWorld(scratch, clock, CHEAP)) {
            world.user("anna", false);
            Round warm = round(world, "anna", "otto");
            assertThat(warm.firstMedian()).isPositive();
            Round[] rounds = new Round[ROUNDS];
            for (int i = 0; i < ROUNDS; i++) {
                rounds[i] = round(world, "anna", "otto");
                if (!rounds[i].isSeen() || rounds[i].tilt() * rounds[0].tilt() < 0) {
                    return;
                }
            }
            throw new AssertionError(
                    "unknown users can be told from wrong passwords by time: " + Arrays.toString(rounds));
        }
    }

    /** Or the test above would say nothing: a hash that takes a few dozen microseconds longer is seen. */
    @Test
    void aDifferenceThatIsThereIsSeen() {
        try (AccessWorld world = new AccessWorld(scratch, clock, new Argon2Cost(96, 1, 1))) {
            world.user("dear", false);
        }
        try (AccessWorld world = new AccessWorld(scratch, clock, CHEAP)) {
            world.user("anna", false);
            Round warm = round(world, "anna", "dear");
            assertThat(warm.firstMedian()).isPositive();
            Round round = round(world, "anna", "dear");
            assertThat(round.isSeen()).as("%s", round).isTrue();
            assertThat(round.tilt()).isPositive();
        }
    }

    private Round round(AccessWorld world, String first, String second) {
        long[] firsts = new long[PAIRS];
        long[] seconds = new long[PAIRS];
        double slower = 0;
        for (int i = 0; i < PAIRS; i++) {
            boolean swapped = random.nextBoolean();
            long one = nanos(world, swapped ? second : first);
            long other = nanos(world, swapped ? first : second);
            firsts[i] = swapped ? other : one;
            seconds[i] = swapped ? one : other;
            slower += seconds[i] > firsts[i] ? 1 : seconds[i] == firsts[i] ? 0.5 : 0;
        }
        return new Round(slower / PAIRS - 0.5, median(firsts), median(seconds));
    }

    private long nanos(AccessWorld world, String user) {
        // Or the throttle would answer.
        clock.move(Throttle.MEMORY.plus(Throttle.LONGEST));
        Credentials wrong = credentials(user, PASSWORD + "?");
        long begin = System.nanoTime();
        try {
            SignedIn in = world.access
                    .logins()
                    .signIn(wrong, origin(HOME))
                    .toCompletableFuture()
                    .join();
            throw new AssertionError("came in: " + in);
        } catch (CompletionException e) {
            long took = System.nanoTime() - begin;
            assertThat(e).hasCauseInstanceOf(UnauthorizedException.class);
            return took;
        }
    }

    private static long median(long[] values) {
        long[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
