package io.culvert.control.access;

import static io.culvert.control.access.AccessWorld.HOME;
import static io.culvert.control.access.AccessWorld.PASSWORD;
import static io.culvert.control.access.AccessWorld.ROOT;
import static io.culvert.control.access.AccessWorld.address;
import static io.culvert.control.access.AccessWorld.credentials;
import static io.culvert.control.access.AccessWorld.done;
import static io.culvert.control.access.AccessWorld.origin;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.control.Caller;
import io.culvert.control.ConflictException;
import io.culvert.control.ForbiddenException;
import io.culvert.control.HandClock;
import io.culvert.control.InvalidRequestException;
import io.culvert.control.NotFoundException;
import io.culvert.control.StoreUnavailableException;
import io.culvert.control.UnauthorizedException;
import io.culvert.control.audit.AuditEntry;
import io.culvert.control.caller.CallerKind;
import io.culvert.control.caller.Grants;
import io.culvert.control.caller.Permission;
import io.culvert.control.caller.Quotas;
import io.culvert.control.caller.Role;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UsersTest {
    private static final UserPatch NOT_ADMIN =
            new UserPatch(Optional.empty(), Optional.of(false), Optional.empty(), Optional.empty(), false);
    private static final UserPatch DISABLED =
            new UserPatch(Optional.empty(), Optional.empty(), Optional.of(true), Optional.empty(), false);

    @TempDir
    Path scratch;

    private final HandClock clock = new HandClock();
    private static final CompletionStage<?> SERVES = CompletableFuture.completedStage(null);

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
    void theFirstAdminIsMadeOnceWithAPasswordThatNobodyGuesses() {
        String password =
                done(world.access.firstAdmin(Optional.empty(), SERVES)).orElseThrow();
        assertThat(password).matches("([a-z2-9]{4}-){5}[a-z2-9]{4}");
        SignedIn in = world.signIn("admin", password);
        assertThat(in.visit().mustChangePassword()).isTrue();
        assertThat(world.storedPassword("admin")).as("of a random password").startsWith("$argon2id$v=19$m=8,");
        done(world.access.logins().changePassword(in.visit(), password, PASSWORD, origin(HOME)));
        assertThat(world.storedPassword("admin")).as("of a person's password").startsWith("$argon2id$v=19$m=16,");
        assertThat(done(world.access.firstAdmin(Optional.empty(), SERVES))).isEmpty();
        close();
        open();
        assertThat(done(world.access.firstAdmin(Optional.of("a password of the owner"), SERVES)))
                .isEmpty();
        assertThat(world.access.users().list(ROOT)).hasSize(1);
    }

    @Test
    void aServerThatDoesNotComeToServeKeepsNoFirstAdminOfWhomNobodyWasTold() {
        CompletionStage<?> failed = CompletableFuture.failedStage(new IllegalStateException("port in use"));
        assertThatThrownBy(() -> done(world.access.firstAdmin(Optional.empty(), failed)))
                .hasMessageContaining("port in use");
        assertThat(done(world.access.firstAdmin(Optional.empty(), SERVES))).isPresent();
    }

    @Test
    void theFirstAdminsPasswordMayBeGivenAndMustBeAGoodOne() {
        assertThatThrownBy(() -> done(world.access.firstAdmin(Optional.of("admin"), SERVES)))
                .isInstanceOf(InvalidRequestException.class);
        assertThat(done(world.access.firstAdmin(Optional.of(PASSWORD), SERVES))).contains(PASSWORD);
        assertThat(world.signIn("admin", PASSWORD).visit().mustChangePassword()).isTrue();
    }

    @Test
    void theLastAdminStaysOne() {
        world.user("anna", true);
        world.user("ben", false);
        for (UserPatch patch : List.of(NOT_ADMIN, DISABLED)) {
            assertThatThrownBy(() -> done(world.access.users().change(ROOT, "anna", patch)))
                    .isInstanceOf(ConflictException.class)
                    .hasMessageContaining("'anna' is the last admin");
        }
        assertThatThrownBy(() -> done(world.access.users().remove(ROOT, "anna")))
                .isInstanceOf(ConflictException.class);
        world.user("olga", true);
        done(world.access.users().change(ROOT, "olga", DISABLED));
        assertThatThrownBy(() -> done(world.access.users().remove(ROOT, "anna")))
                .as("another one who cannot sign in is none")
                .isInstanceOf(ConflictException.class);
        done(world.access
                .users()
                .change(
                        ROOT,
                        "ben",
                        new UserPatch(
                                Optional.of("Ben"), Optional.of(true), Optional.empty(), Optional.empty(), false)));
        done(world.access.users().remove(ROOT, "anna"));
        done(world.access.users().remove(ROOT, "olga"));
        assertThat(world.access.users().list(ROOT)).singleElement().satisfies(ben -> {
            assertThat(ben.title()).isEqualTo("Ben");
            assertThat(ben.admin()).isTrue();
        });
    }

    @Test
    void usersAreForAdminsAndOneself() {
        world.user("root", true);
        world.user("anna", false);
        Caller anna = world.caller("anna");
        Caller narrow = new Caller(
                "root/cvk_aaaaaaaa",
                "root",
                Grants.of(true, Map.of(), "root").within("default").within(Set.of(Permission.values())));
        Caller oneTunnel = new Caller(
                "root/cvk_bbbbbbbb", "root", Grants.of(true, Map.of(), "root").within(7));
        Caller reads = new Caller(
                "root/cvk_cccccccc", "root", Grants.of(true, Map.of(), "root").within(Set.of(Permission.SERVER_READ)));
        for (Caller caller : List.of(anna, narrow, oneTunnel, reads)) {
            assertThatThrownBy(() -> world.access.users().list(caller)).isInstanceOf(ForbiddenException.class);
            assertThatThrownBy(() ->
                            done(world.access.users().create(caller, new NewUser("eve", "", true, Optional.empty()))))
                    .isInstanceOf(ForbiddenException.class);
            assertThatThrownBy(() -> done(world.access.users().change(caller, "anna", DISABLED)))
                    .isInstanceOf(ForbiddenException.class);
            assertThatThrownBy(() -> done(world.access.users().remove(caller, "anna")))
                    .isInstanceOf(ForbiddenException.class);
            assertThatThrownBy(() -> done(world.access.users().endLogins(caller, "anna")))
                    .isInstanceOf(ForbiddenException.class);
            assertThatThrownBy(() -> done(world.access.projects().create(caller, "mine", "", Quotas.NONE)))
                    .isInstanceOf(ForbiddenException.class);
        }
        assertThat(world.access.users().find(anna, "anna").name()).isEqualTo("anna");
        assertThatThrownBy(() -> world.access.users().find(anna, "root"))
                .isInstanceOf(NotFoundException.class)
                .hasMessage(new NotFoundException("user", "root").getMessage());
    }

    @Test
    void namesThatCannotBeAreRefused() {
        for (String bad : List.of(
                "",
                "Anna",
                "../x",
                ".",
                "..",
                "a b",
                "key-1",
                "key-12",
                "admin-key",
                "open",
                "server",
                "import",
                "nobody",
                "anybody",
                "x".repeat(65),
                "ä")) {
            assertThatThrownBy(() ->
                            done(world.access.users().create(ROOT, new NewUser(bad, "", false, Optional.empty()))))
                    .as(bad)
                    .isInstanceOf(InvalidRequestException.class);
        }
        for (String bad : List.of("", "-a", "Lab", "a_b", "x".repeat(41))) {
            assertThatThrownBy(() -> done(world.access.projects().create(ROOT, bad, "", Quotas.NONE)))
                    .as(bad)
                    .isInstanceOf(InvalidRequestException.class);
        }
        world.user("anna", false);
        assertThatThrownBy(() ->
                        done(world.access.users().create(ROOT, new NewUser("anna", "", false, Optional.empty()))))
                .isInstanceOf(ConflictException.class);
        assertThatThrownBy(() -> done(world.access.users().remove(ROOT, "nobody-knows")))
                .isInstanceOf(NotFoundException.class);
    }

    @Test
    void aPasswordByAnAdminEndsLoginsAndMustBeChanged() {
        Visit visit = world.user("anna", false);
        done(world.access
                .users()
                .change(
                        ROOT,
                        "anna",
                        new UserPatch(
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of("told on the phone"),
                                false)));
        assertThatThrownBy(() -> world.access.logins().list(visit)).isInstanceOf(UnauthorizedException.class);
        assertThatThrownBy(() -> world.signIn("anna", PASSWORD)).isInstanceOf(UnauthorizedException.class);
        assertThat(world.signIn("anna", "told on the phone").visit().mustChangePassword())
                .isTrue();
    }

    @Test
    void projectsAreSeenByTheirMembersAndKeptWhileSomethingIsInThem() {
        Quotas few = new Quotas(
                OptionalInt.of(3),
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalLong.empty(),
                Optional.empty());
        done(world.access.projects().create(ROOT, "lab", "Lab", Quotas.NONE));
        world.user("anna", false);
        done(world.access.projects().putMember(ROOT, "lab", "anna", Role.MEMBER));
        Caller anna = world.caller("anna");
        assertThat(world.access.projects().list(anna)).extracting(Project::name).containsExactly("lab");
        assertThat(world.access.projects().list(ROOT)).extracting(Project::name).containsExactly("default", "lab");
        assertThatThrownBy(() -> world.access.projects().find(anna, "default")).isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> done(
                        world.access.projects().change(anna, "default", Optional.empty(), Optional.of(Quotas.NONE))))
                .isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() ->
                        done(world.access.projects().change(anna, "lab", Optional.empty(), Optional.of(Quotas.NONE))))
                .isInstanceOf(ForbiddenException.class);
        assertThatThrownBy(() -> world.access.projects().members(anna, "lab")).isInstanceOf(ForbiddenException.class);
        done(world.access.projects().putMember(ROOT, "lab", "anna", Role.OPERATOR));
        assertThat(world.access.projects().members(world.caller("anna"), "lab"))
                .containsExactly(new Member("lab", "anna", Role.OPERATOR));
        assertThatThrownBy(() -> done(world.access.projects().removeMember(world.caller("anna"), "lab", "anna")))
                .isInstanceOf(ForbiddenException.class);
        assertThat(world.access.projects().quotas("lab")).contains(Quotas.NONE);
        done(world.access.projects().change(ROOT, "lab", Optional.empty(), Optional.of(few)));
        assertThat(world.access.projects().quotas("lab")).contains(few);
        assertThat(world.access.projects().find(ROOT, "lab").title()).isEqualTo("Lab");
        assertThat(world.access.projects().quotas("nowhere")).isEmpty();
        world.access.watchProjects("lab"::equals);
        assertThatThrownBy(() -> done(world.access.projects().remove(ROOT, "lab")))
                .hasMessageContaining("is not empty");
        world.access.watchProjects(project -> false);
        assertThatThrownBy(() -> done(world.access.projects().remove(ROOT, "default")))
                .isInstanceOf(ConflictException.class);
        done(world.access.projects().remove(ROOT, "lab"));
        assertThat(world.caller("anna").grants().sees("lab")).isFalse();
        assertThatThrownBy(() -> done(world.access.projects().removeMember(ROOT, "default", "anna")))
                .isInstanceOf(NotFoundException.class);
    }

    @Test
    void lockedAccountsAndAddressesAreInTheAuditAndUnknownNamesAreNot() {
        world.user("anna", false);
        for (String name : List.of("anna", "hunter2hunter2")) {
            for (int i = 0; i < 14; i++) {
                assertThatThrownBy(() -> done(world.access
                                .logins()
                                .signIn(credentials(name, "a wrong password"), origin(address("203.0.113.9")))))
                        .isInstanceOf(UnauthorizedException.class);
                clock.move(Duration.ofMinutes(10));
            }
        }
        List<AuditEntry> locks = world.audited();
        assertThat(locks).hasSize(3).allSatisfy(entry -> {
            assertThat(entry.operation()).isEqualTo("throttle.lock");
            assertThat(entry.kind()).isEqualTo(CallerKind.NOBODY);
            assertThat(entry.address()).isEqualTo("203.0.113.9");
        });
        assertThat(locks)
                .extracting(AuditEntry::target)
                .containsExactly("user/anna", "user/(unknown)", "address/203.0.113.9");
        assertThat(locks.toString()).doesNotContain("hunter2");
    }

    @Test
    void aStoreThatIsAwayRefusesChangesAndLetsWhoIsInGoOn() {
        world.user("anna", true);
        SignedIn in = world.signIn("anna", PASSWORD);
        world.store.close();
        assertThatThrownBy(() -> done(world.access.users().endLogins(ROOT, "anna")))
                .isInstanceOf(StoreUnavailableException.class);
        assertThatThrownBy(() -> done(world.access.logins().signIn(credentials("anna", PASSWORD), origin(HOME))))
                .isInstanceOf(StoreUnavailableException.class);
        assertThat(world.access.authenticator().login(in.secret())).isPresent();
        world.access.close();
        world = new AccessWorld(scratch, clock);
        assertThat(world.access.logins().list(in.visit())).hasSize(2);
    }
}
