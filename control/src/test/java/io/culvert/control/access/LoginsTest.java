package io.culvert.control.access;

import static io.culvert.control.access.AccessWorld.HOME;
import static io.culvert.control.access.AccessWorld.PASSWORD;
import static io.culvert.control.access.AccessWorld.ROOT;
import static io.culvert.control.access.AccessWorld.credentials;
import static io.culvert.control.access.AccessWorld.done;
import static io.culvert.control.access.AccessWorld.origin;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.culvert.control.ConflictException;
import io.culvert.control.ForbiddenException;
import io.culvert.control.HandClock;
import io.culvert.control.InvalidRequestException;
import io.culvert.control.NotFoundException;
import io.culvert.control.UnauthorizedException;
import io.culvert.control.caller.CallerKind;
import io.culvert.control.caller.Permission;
import io.culvert.control.caller.Quotas;
import io.culvert.control.caller.Role;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoginsTest {
    @TempDir
    Path scratch;

    private final HandClock clock = new HandClock();
    private AccessWorld world;

    @BeforeEach
    void open() {
        world = new AccessWorld(scratch, clock);
    }

    @AfterEach
    void close() {
        world.close();
    }

    @Test
    void whoeverKnowsThePasswordComesIn() {
        world.user("anna", true);
        SignedIn in = world.signIn("anna", PASSWORD);
        Pass pass = world.access.authenticator().login(in.secret()).orElseThrow();
        assertThat(pass.kind()).isEqualTo(CallerKind.LOGIN);
        assertThat(pass.caller().name()).isEqualTo("anna");
        assertThat(pass.caller().owner()).isEqualTo("anna");
        assertThat(pass.caller().grants().anywhere(Permission.ADMIN)).isTrue();
        assertThat(pass.visit().orElseThrow().csrf())
                .isEqualTo(in.visit().csrf())
                .isNotEqualTo(in.secret());
        assertThat(world.access.users().find(ROOT, "anna").lastLogin()).isPresent();
        assertThat(world.access.authenticator().login("another secret")).isEmpty();
        assertThat(world.access.authenticator().login("x".repeat(1_000_000))).isEmpty();
        assertThat(in.toString() + pass + pass.visit())
                .doesNotContain(in.secret(), in.visit().csrf());
    }

    @Test
    void whateverIsWrongIsToldInTheSameWords() {
        world.user("anna", false);
        done(world.access.users().create(ROOT, new NewUser("ben", "", false, Optional.of(PASSWORD))));
        disable("ben");
        for (Credentials wrong : List.of(
                credentials("anna", "a wrong password"),
                credentials("nobody", PASSWORD),
                credentials("Not a name '", PASSWORD),
                credentials("ben", PASSWORD),
                credentials("anna", ""),
                credentials("anna", "x".repeat(1_000_000)))) {
            assertThatThrownBy(() -> done(world.access.logins().signIn(wrong, origin(HOME))))
                    .isInstanceOf(UnauthorizedException.class)
                    .hasMessage(new UnauthorizedException().getMessage());
        }
    }

    @Test
    void aFirstPasswordIsGoodForChangingItOnly() {
        CreatedUser made = done(world.access.users().create(ROOT, new NewUser("anna", "", true, Optional.empty())));
        String first = made.password().orElseThrow();
        SignedIn in = world.signIn("anna", first);
        assertThat(in.visit().mustChangePassword()).isTrue();
        for (Permission each : Permission.values()) {
            assertThat(world.caller(in).grants().anywhere(each)).isFalse();
        }
        assertThatThrownBy(() -> done(world.access.logins().beginSecondFactor(in.visit())))
                .hasMessageContaining("a changed password first");
        assertThatThrownBy(() -> done(world.access.logins().changePassword(in.visit(), first, first, origin(HOME))))
                .isInstanceOf(ConflictException.class);
        done(world.access.logins().changePassword(in.visit(), first, PASSWORD, origin(HOME)));
        assertThat(world.caller(in).grants().admin()).isTrue();
        assertThat(world.visit(in.secret()).mustChangePassword()).isFalse();
        assertThatThrownBy(() -> world.signIn("anna", first)).isInstanceOf(UnauthorizedException.class);
    }

    @Test
    void aChangedPasswordEndsAllOtherLogins() {
        Visit visit = world.user("anna", false);
        SignedIn other = world.signIn("anna", PASSWORD);
        assertThatThrownBy(() -> done(world.access
                        .logins()
                        .changePassword(visit, "not the old one", "another password", origin(HOME))))
                .isInstanceOf(UnauthorizedException.class);
        done(world.access.logins().changePassword(visit, PASSWORD, "another password", origin(HOME)));
        assertThat(world.access.authenticator().login(other.secret())).isEmpty();
        assertThat(world.access.logins().list(visit)).containsExactly(visit.login());
    }

    @Test
    void badPasswordsAreRefusedAndNeverShown() {
        Visit visit = world.user("anna", false);
        for (String bad : List.of("short", "Password1234", "aaaaaaaaaaaaaaaa", "abababababab", "x".repeat(1_001))) {
            Throwable thrown = catchThrowable(
                    () -> done(world.access.logins().changePassword(visit, PASSWORD, bad, origin(HOME))));
            assertThat(thrown).isInstanceOf(InvalidRequestException.class);
            assertThat(thrown.getMessage()).doesNotContain(bad).contains("new: 'MASKED'");
        }
        assertThatThrownBy(() -> AccessRules.checkPassword("password", "a-long-user-name", "A-long-user-NAME"))
                .hasMessageContaining("something else than the user's name");
    }

    @Test
    void aLoginEndsWhenItIsNotUsedAndInTheEndHoweverMuchItIs() {
        world.user("anna", false);
        SignedIn idle = world.signIn("anna", PASSWORD);
        SignedIn busy = world.signIn("anna", PASSWORD);
        Pass streaming = world.access.authenticator().login(busy.secret()).orElseThrow();
        for (int i = 0; i < 13; i++) {
            clock.move(Duration.ofMinutes(55));
            assertThat(world.access.authenticator().login(busy.secret())).isPresent();
        }
        assertThat(world.access.authenticator().login(idle.secret())).isEmpty();
        assertThat(streaming.now()).isPresent();
        clock.move(Duration.ofMinutes(5));
        assertThat(world.access.authenticator().login(busy.secret())).isEmpty();
        assertThat(streaming.now()).isEmpty();
        world.access.turn();
        assertThatThrownBy(() -> world.access.logins().list(busy.visit())).isInstanceOf(UnauthorizedException.class);
        done(world.access.users().endLogins(ROOT, "anna"));
        assertThat(world.store.access().load().logins()).isEmpty();
    }

    @Test
    void loginsLiveThroughARestartAndTheirLastUseTo() {
        world.user("anna", false);
        SignedIn in = world.signIn("anna", PASSWORD);
        clock.move(Duration.ofMinutes(50));
        assertThat(world.access.authenticator().login(in.secret())).isPresent();
        close();
        open();
        clock.move(Duration.ofMinutes(50));
        assertThat(world.access.authenticator().login(in.secret())).isPresent();
        assertThat(world.visit(in.secret()).csrf()).isEqualTo(in.visit().csrf());
    }

    @Test
    void aUserSeesAndEndsItsOwnLoginsOnly() {
        Visit anna = world.user("anna", false);
        Visit ben = world.user("ben", true);
        SignedIn second = world.signIn("anna", PASSWORD);
        assertThat(world.access.logins().list(anna))
                .extracting(Login::id)
                .containsExactlyInAnyOrder(
                        anna.login().id(), second.visit().login().id());
        assertThatThrownBy(
                        () -> done(world.access.logins().end(anna, ben.login().id())))
                .isInstanceOf(NotFoundException.class);
        done(world.access.logins().end(anna, second.visit().login().id()));
        assertThat(world.access.authenticator().login(second.secret())).isEmpty();
        done(world.access.logins().end(anna, anna.login().id()));
        assertThatThrownBy(() -> world.access.logins().list(anna)).isInstanceOf(UnauthorizedException.class);
        assertThat(world.access.logins().list(ben)).hasSize(1);
    }

    @Test
    void whoSignsInAgainAndAgainKeepsTheLastOnes() {
        world.user("anna", false);
        SignedIn last = world.signIn("anna", PASSWORD);
        for (int i = 0; i < LoginOpener.MOST_OF_USER + 5; i++) {
            clock.move(Duration.ofSeconds(1));
            last = world.signIn("anna", PASSWORD);
        }
        assertThat(world.access.logins().list(last.visit())).hasSize(LoginOpener.MOST_OF_USER);
    }

    @Test
    void aDisabledUserIsOutAtOnceAndComesBackWithItsPassword() {
        world.user("anna", false);
        SignedIn in = world.signIn("anna", PASSWORD);
        Pass streaming = world.access.authenticator().login(in.secret()).orElseThrow();
        disable("anna");
        assertThat(world.access.authenticator().login(in.secret())).isEmpty();
        assertThat(streaming.now()).isEmpty();
        done(world.access
                .users()
                .change(
                        ROOT,
                        "anna",
                        new UserPatch(
                                Optional.empty(), Optional.empty(), Optional.of(false), Optional.empty(), false)));
        assertThat(world.access.authenticator().login(in.secret())).isEmpty();
        assertThat(world.signIn("anna", PASSWORD).visit().mustChangePassword()).isFalse();
    }

    @Test
    void hashesOfBeforeAreMadeAnewAtTheNextLogin() {
        world.user("anna", false);
        String cheap = world.storedPassword("anna");
        close();
        world = new AccessWorld(scratch, clock, new Argon2Cost(64, 1, 1));
        world.signIn("anna", PASSWORD);
        assertThat(world.storedPassword("anna")).isNotEqualTo(cheap).contains("m=64,");
        world.signIn("anna", PASSWORD);
    }

    @Test
    void anIdentityProviderMakesUsersAndRulesTheirRoles() {
        done(world.access.projects().create(ROOT, "lab", "", Quotas.NONE));
        ExternalUser first = new ExternalUser(
                "https://id|1", "carl", "Carl", false, Map.of("lab", Role.OPERATOR, "nowhere", Role.OPERATOR));
        SignedIn in = done(world.access.logins().signIn(first, origin(HOME)));
        assertThat(world.caller(in).grants().roles()).isEqualTo(Map.of("lab", Role.OPERATOR));
        ExternalUser moved = new ExternalUser("https://id|1", "another", "Carl", true, Map.of("default", Role.VIEWER));
        done(world.access.logins().signIn(moved, origin(HOME)));
        assertThat(world.caller(in).name()).isEqualTo("carl");
        assertThat(world.caller(in).grants().admin()).isTrue();
        assertThat(world.caller(in).grants().roles()).isEqualTo(Map.of("default", Role.VIEWER));
        assertThatThrownBy(() -> world.signIn("carl", "")).isInstanceOf(UnauthorizedException.class);
        assertThatThrownBy(() -> done(world.access.logins().beginSecondFactor(in.visit())))
                .isInstanceOf(ConflictException.class);
        disable("carl");
        assertThatThrownBy(() -> done(world.access.logins().signIn(moved, origin(HOME))))
                .isInstanceOf(UnauthorizedException.class);
    }

    @Test
    void whoIsInNoGroupOfTheIdentityProviderAnyMoreIsOut() {
        ExternalUser member = new ExternalUser("https://id|1", "carl", "Carl", true, Map.of("default", Role.MEMBER));
        SignedIn in = done(world.access.logins().signIn(member, origin(HOME)));
        ExternalUser nobody = new ExternalUser("https://id|1", "carl", "Carl", false, Map.of("nowhere", Role.OPERATOR));
        assertThatThrownBy(() -> done(world.access.logins().signIn(nobody, origin(HOME))))
                .isInstanceOf(ForbiddenException.class)
                .hasMessageContaining("'carl'");
        assertThat(world.access.authenticator().login(in.secret())).isEmpty();
        assertThat(world.access.users().list(ROOT))
                .singleElement()
                .satisfies(user -> assertThat(user.admin()).isFalse());
        ExternalUser stranger = new ExternalUser("https://id|3", "dora", "", false, Map.of());
        assertThatThrownBy(() -> done(world.access.logins().signIn(stranger, origin(HOME))))
                .isInstanceOf(ForbiddenException.class);
        assertThat(world.access.users().list(ROOT)).hasSize(1);
    }

    @Test
    void anIdentityProviderDoesNotTakeOverAUserOfOurs() {
        world.user("anna", true);
        assertThatThrownBy(() -> done(world.access
                        .logins()
                        .signIn(new ExternalUser("https://id|2", "anna", "", true, Map.of()), origin(HOME))))
                .isInstanceOf(ConflictException.class);
        assertThat(world.access.users().list(ROOT)).hasSize(1);
    }

    private void disable(String user) {
        // Somebody else must be left to let people in.
        if (world.access.users().list(ROOT).stream().noneMatch(it -> it.name().equals("root"))) {
            world.user("root", true);
        }
        done(world.access
                .users()
                .change(
                        ROOT,
                        user,
                        new UserPatch(Optional.empty(), Optional.empty(), Optional.of(true), Optional.empty(), false)));
    }
}
