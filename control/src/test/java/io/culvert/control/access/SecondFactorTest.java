package io.culvert.control.access;

import static io.culvert.control.access.AccessWorld.HOME;
import static io.culvert.control.access.AccessWorld.PASSWORD;
import static io.culvert.control.access.AccessWorld.ROOT;
import static io.culvert.control.access.AccessWorld.done;
import static io.culvert.control.access.AccessWorld.origin;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.control.ConflictException;
import io.culvert.control.HandClock;
import io.culvert.control.SecondFactorException;
import io.culvert.control.ThrottledException;
import io.culvert.control.UnauthorizedException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecondFactorTest {
    @TempDir
    Path scratch;

    private final HandClock clock = new HandClock();
    private AccessWorld world;
    private Visit visit;
    private byte[] secret;
    private List<String> recovery;

    /** Anna, with a second factor. */
    @BeforeEach
    void open() {
        world = new AccessWorld(scratch, clock);
        visit = world.user("anna", false);
        SecondFactor begun = done(world.access.logins().beginSecondFactor(visit));
        assertThat(begun.uri()).startsWith("otpauth://totp/Culvert:anna?secret=" + begun.secret());
        secret = Totp.bytes(begun.secret());
        // It is none before it was confirmed.
        world.signIn("anna", PASSWORD);
        recovery = done(world.access.logins().confirmSecondFactor(visit, code(0), origin(HOME)));
        assertThat(recovery).hasSize(10).doesNotHaveDuplicates();
    }

    @AfterEach
    void close() {
        world.close();
    }

    @Test
    void thePasswordAloneIsNotEnough() {
        assertThatThrownBy(() -> world.signIn("anna", PASSWORD))
                .isInstanceOf(SecondFactorException.class)
                .hasMessageStartingWith("code: none");
        assertThatThrownBy(() -> signIn(code(5)))
                .isInstanceOf(SecondFactorException.class)
                .hasMessageStartingWith("code: not right");
        assertThatThrownBy(() -> world.signIn("anna", "a wrong password")).isInstanceOf(UnauthorizedException.class);
        clock.move(Totp.STEP);
        assertThat(signIn(code(0)).visit().secondFactor()).isTrue();
    }

    @Test
    void aCodeIsGoodOnceAlsoForWhoSawItTyped() {
        // The one that confirmed it is used up.
        assertThatThrownBy(() -> signIn(code(0))).isInstanceOf(SecondFactorException.class);
        clock.move(Totp.STEP);
        String code = code(0);
        signIn(code);
        assertThatThrownBy(() -> signIn(code)).isInstanceOf(SecondFactorException.class);
        assertThatThrownBy(() -> signIn(code(-1))).isInstanceOf(SecondFactorException.class);
        signIn(code(1));
        assertThatThrownBy(() -> signIn(code(0))).isInstanceOf(SecondFactorException.class);
    }

    @Test
    void aUsedCodeStaysUsedThroughARestart() {
        clock.move(Totp.STEP);
        String code = code(0);
        signIn(code);
        world.close();
        world = new AccessWorld(scratch, clock);
        assertThatThrownBy(() -> signIn(code)).isInstanceOf(SecondFactorException.class);
        clock.move(Totp.STEP);
        signIn(code(0));
    }

    @Test
    void eachRecoveryCodeIsGoodOnce() {
        signIn(recovery.get(0).toUpperCase(Locale.ROOT).replace("-", " "));
        assertThatThrownBy(() -> signIn(recovery.get(0))).isInstanceOf(SecondFactorException.class);
        signIn(recovery.get(1));
        clock.move(Totp.STEP);
        List<String> fresh = done(world.access.logins().renewRecoveryCodes(visit, code(0), origin(HOME)));
        assertThatThrownBy(() -> signIn(recovery.get(2))).isInstanceOf(SecondFactorException.class);
        signIn(fresh.get(0));
    }

    @Test
    void guessingCodesIsThrottledLikeGuessingPasswords() {
        clock.move(Totp.STEP);
        IntStream.range(0, Throttle.FREE_TRIES)
                .forEach(i -> assertThatThrownBy(() -> signIn("00000" + i)).isInstanceOf(SecondFactorException.class));
        assertThatThrownBy(() -> signIn(code(0))).isInstanceOf(ThrottledException.class);
        clock.move(Duration.ofSeconds(2));
        signIn(code(0));
    }

    @Test
    void itIsTakenAwayForACodeOrByAnAdmin() {
        assertThatThrownBy(() -> done(world.access.logins().removeSecondFactor(visit, "000000", origin(HOME))))
                .isInstanceOf(SecondFactorException.class);
        assertThatThrownBy(() -> done(world.access.logins().beginSecondFactor(visit)))
                .isInstanceOf(ConflictException.class);
        done(world.access.logins().removeSecondFactor(visit, recovery.get(3), origin(HOME)));
        world.signIn("anna", PASSWORD);
        SecondFactor again = done(world.access.logins().beginSecondFactor(visit));
        secret = Totp.bytes(again.secret());
        done(world.access.logins().confirmSecondFactor(visit, code(0), origin(HOME)));
        assertThatThrownBy(() -> world.signIn("anna", PASSWORD)).isInstanceOf(SecondFactorException.class);
        done(world.access
                .users()
                .change(
                        ROOT,
                        "anna",
                        new UserPatch(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), true)));
        world.signIn("anna", PASSWORD);
    }

    @Test
    void oneThatIsNotConfirmedInTimeIsNone() {
        Visit ben = world.user("ben", false);
        SecondFactor begun = done(world.access.logins().beginSecondFactor(ben));
        clock.move(SecondFactors.PATIENCE);
        secret = Totp.bytes(begun.secret());
        assertThatThrownBy(() -> done(world.access.logins().confirmSecondFactor(ben, code(0), origin(HOME))))
                .isInstanceOf(SecondFactorException.class);
    }

    @Test
    void theStoreHasNeitherSecretNorRecoveryCodes() {
        StoredUser anna = world.store.access().load().users().get(0);
        assertThat(anna.sealedTotp().orElseThrow()).doesNotContain(Totp.base32(secret));
        assertThat(anna.recovery()).hasSize(10);
        assertThat(anna.toString())
                .doesNotContain(anna.password().orElseThrow(), anna.sealedTotp().orElseThrow());
    }

    private SignedIn signIn(String code) {
        return done(world.access.logins().signIn(new Credentials("anna", PASSWORD, Optional.of(code)), origin(HOME)));
    }

    /** Of so many steps behind this one. */
    private String code(int steps) {
        return Totp.code(secret, clock.instant().getEpochSecond() / 30 + steps);
    }
}
