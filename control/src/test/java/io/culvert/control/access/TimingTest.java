package io.culvert.control.access;

import static io.culvert.control.access.AccessWorld.HOME;
import static io.culvert.control.access.AccessWorld.PASSWORD;
import static io.culvert.control.access.AccessWorld.ROOT;
import static io.culvert.control.access.AccessWorld.credentials;
import static io.culvert.control.access.AccessWorld.done;
import static io.culvert.control.access.AccessWorld.origin;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.control.HandClock;
import io.culvert.control.TimedPairs;
import io.culvert.control.UnauthorizedException;
import io.culvert.control.caller.Permission;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whether the time that a refusal takes tells who or what there is: by 10,000 tries each, see {@link TimedPairs}. Agents' secrets have a test of
 * their own, {@code AgentTimingTest}.
 *
 * <p>Passwords are cheap here, so that a difference of some microseconds is not lost in the hash, as it would be in a real one of some
 * tens of milliseconds.
 */
class TimingTest {
    private static final Argon2Cost CHEAP = new Argon2Cost(64, 1, 1);
    /**
     * Of a look-up by hash, which takes half a microsecond: ticks of the clock and what a branch costs. A key met a look-up by its visible half once, and
     * that told a known one by 300 ns. From outside 10,000 tries see 700 ns at best, as {@code AgentTimingTest} says.
     */
    private static final Duration BLIND = Duration.ofNanos(100);

    /**
     * Of a sign-in: {@code anna}, disabled or with a wrong password, and {@code otto} were 0.9 us of 117 apart once; who has been in from an address
     * goes by another lane of the thread that hashes, which may be why. The hash of a real password takes tens of milliseconds.
     */
    private static final Duration LANES = Duration.ofNanos(2_000);

    @TempDir
    Path scratch;

    private final HandClock clock = new HandClock();

    @Test
    void anUnknownUserTakesAsLongAsAWrongPassword() {
        try (AccessWorld world = new AccessWorld(scratch, clock, CHEAP)) {
            world.user("anna", false);
            new TimedPairs(() -> signIn(world, "anna"), () -> signIn(world, "otto"), LANES)
                    .assertAlike("whether there is such a user");
        }
    }

    @Test
    void aDisabledUserTakesAsLongAsAnUnknownOne() {
        try (AccessWorld world = new AccessWorld(scratch, clock, CHEAP)) {
            world.user("anna", false);
            done(world.access
                    .users()
                    .change(
                            ROOT,
                            "anna",
                            new UserPatch(
                                    Optional.empty(), Optional.empty(), Optional.of(true), Optional.empty(), false)));
            new TimedPairs(() -> signIn(world, "anna"), () -> signIn(world, "otto"), LANES)
                    .assertAlike("whether a user is disabled");
        }
    }

    @Test
    void aUserWhosePasswordWasMadeTakesAsLongAsAnUnknownOne() {
        try (AccessWorld world = new AccessWorld(scratch, clock, CHEAP)) {
            done(world.access.users().create(ROOT, new NewUser("anna", "", false, Optional.empty())));
            new TimedPairs(() -> signIn(world, "anna"), () -> signIn(world, "otto"), LANES)
                    .assertAlike("whether there is somebody who was never here");
        }
    }

    /** Or the tests above would say nothing: a hash that takes a few dozen microseconds longer is seen. */
    @Test
    void aDifferenceThatIsThereIsSeen() {
        try (AccessWorld world = new AccessWorld(scratch, clock, new Argon2Cost(96, 1, 1))) {
            world.user("dear", false);
        }
        try (AccessWorld world = new AccessWorld(scratch, clock, CHEAP)) {
            world.user("anna", false);
            new TimedPairs(() -> signIn(world, "anna"), () -> signIn(world, "dear"))
                    .assertSecondIsSlower("a dearer hash");
        }
    }

    private long signIn(AccessWorld world, String user) {
        passThrottle();
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

    /** Or the throttle would answer. */
    private void passThrottle() {
        clock.move(Throttle.MEMORY.plus(Throttle.LONGEST));
    }

    /** The visible half of a key is in lists and in the audit; whether it is there still, and in which state, is told to nobody without the other half. */
    @Test
    void aKeyThatIsNotThereTakesAsLongAsAWrongSecretForOneThatIs() {
        try (AccessWorld world = new AccessWorld(scratch, clock, CHEAP)) {
            world.user("anna", false);
            String unknown = unknown();
            String wrong = wrong(key(world, Optional.empty()));
            new TimedPairs(() -> show(world, wrong), () -> show(world, unknown), BLIND)
                    .assertAlike("whether there is such a key");
        }
    }

    @Test
    void aWrongSecretForARevokedKeyTakesAsLongAsForOneThatIsNotThere() {
        try (AccessWorld world = new AccessWorld(scratch, clock, CHEAP)) {
            world.user("anna", false);
            CreatedKey key = key(world, Optional.empty());
            done(world.access.keys().revoke(ROOT, key.key().id()));
            String unknown = unknown();
            String wrong = wrong(key);
            new TimedPairs(() -> show(world, wrong), () -> show(world, unknown), BLIND)
                    .assertAlike("whether there is such a key, revoked");
        }
    }

    @Test
    void aWrongSecretForAnExpiredKeyTakesAsLongAsForOneThatIsNotThere() {
        try (AccessWorld world = new AccessWorld(scratch, clock, CHEAP)) {
            world.user("anna", false);
            CreatedKey key = key(world, Optional.of(clock.instant().plus(Duration.ofMinutes(1))));
            String unknown = unknown();
            String wrong = wrong(key);
            new TimedPairs(() -> show(world, wrong), () -> show(world, unknown), BLIND)
                    .assertAlike("whether there is such a key, expired");
        }
    }

    private static CreatedKey key(AccessWorld world, Optional<Instant> expires) {
        return done(world.access
                .keys()
                .create(
                        ROOT,
                        new NewKey(
                                "",
                                Optional.of("anna"),
                                Optional.empty(),
                                EnumSet.of(Permission.TUNNELS_READ),
                                OptionalLong.empty(),
                                expires)));
    }

    private static String unknown() {
        return ApiKey.MARK + "aaaaaaaa_" + "x".repeat(43);
    }

    /** Its visible half, and another secret. */
    private static String wrong(CreatedKey key) {
        String secret = key.secret();
        return secret.substring(0, secret.length() - 43) + "x".repeat(43);
    }

    private long show(AccessWorld world, String key) {
        passThrottle();
        long begin = System.nanoTime();
        Optional<Pass> pass = world.key(key);
        long took = System.nanoTime() - begin;
        assertThat(pass).isEmpty();
        return took;
    }
}
