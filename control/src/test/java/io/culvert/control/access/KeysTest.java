package io.culvert.control.access;

import static io.culvert.control.access.AccessWorld.CONFIGURED;
import static io.culvert.control.access.AccessWorld.HOME;
import static io.culvert.control.access.AccessWorld.ROOT;
import static io.culvert.control.access.AccessWorld.SHORT;
import static io.culvert.control.access.AccessWorld.address;
import static io.culvert.control.access.AccessWorld.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.control.Caller;
import io.culvert.control.ForbiddenException;
import io.culvert.control.HandClock;
import io.culvert.control.InvalidRequestException;
import io.culvert.control.NotFoundException;
import io.culvert.control.SecretHash;
import io.culvert.control.ThrottledException;
import io.culvert.control.UnauthorizedException;
import io.culvert.control.caller.CallerKind;
import io.culvert.control.caller.Permission;
import io.culvert.control.caller.Quotas;
import io.culvert.control.caller.Role;
import io.culvert.control.caller.Verdict;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeysTest {
    private static final Set<Permission> MEMBERS_OWN =
            Set.of(Permission.TUNNELS_READ, Permission.TUNNELS_WRITE, Permission.TUNNELS_RENEW, Permission.KEYS);

    @TempDir
    Path scratch;

    private final HandClock clock = new HandClock();
    private AccessWorld world;
    private Caller anna;
    private Caller olga;
    private Caller root;

    /** In the project lab: anna, a member, who is a viewer in default too, and olga, an operator. */
    @BeforeEach
    void open() {
        world = new AccessWorld(scratch, clock);
        done(world.access.projects().create(ROOT, "lab", "", Quotas.NONE));
        world.user("root", true);
        world.user("anna", false);
        world.user("olga", false);
        role("anna", "lab", Role.MEMBER);
        role("anna", "default", Role.VIEWER);
        role("olga", "lab", Role.OPERATOR);
        anna = world.caller("anna");
        olga = world.caller("olga");
        root = world.caller("root");
    }

    @AfterEach
    void close() {
        world.close();
    }

    @Test
    void aKeyActsForItsUserAndIsToldOnce() {
        CreatedKey made = make(anna, Optional.of("lab"), MEMBERS_OWN);
        assertThat(made.secret())
                .matches("cvk_[a-z2-9]{8}_[A-Za-z0-9_-]{43}")
                .startsWith(made.key().prefix() + "_");
        Pass pass = world.key(made.secret()).orElseThrow();
        assertThat(pass.kind()).isEqualTo(CallerKind.KEY);
        assertThat(pass.visit()).isEmpty();
        assertThat(pass.caller().owner()).isEqualTo("anna");
        assertThat(pass.caller().name()).isEqualTo("anna/" + made.key().prefix());
        assertThat(pass.caller().grants().inProject(Permission.TUNNELS_WRITE, "lab"))
                .isEqualTo(Verdict.ALLOWED);
        assertThat(pass.caller().grants().inProject(Permission.TUNNELS_READ, "default"))
                .isEqualTo(Verdict.HIDDEN);
        assertThat(world.key(" " + made.secret() + "\n")).isPresent();
        assertThat(made + " " + pass + world.access.keys().list(anna)).doesNotContain(made.secret());
        StoredKey stored = world.store.access().load().keys().get(0);
        assertThat(stored.hash()).isEqualTo(SecretHash.of(made.secret()));
        close();
        world = new AccessWorld(scratch, clock);
        assertThat(world.key(made.secret())).isPresent();
    }

    @Test
    void nothingElseIsAKey() {
        CreatedKey made = make(anna, Optional.of("lab"), MEMBERS_OWN);
        String secret = made.secret();
        char last = secret.charAt(secret.length() - 1);
        for (String wrong : List.of(
                "",
                " ",
                made.key().prefix(),
                secret.substring(0, secret.length() - 1) + (last == 'A' ? 'B' : 'A'),
                secret.replace(made.key().id(), "zzzzzzzz"),
                secret + "A",
                "x".repeat(10_000))) {
            assertThat(world.key(wrong)).as(wrong).isEmpty();
        }
        assertThat(world.access.authenticator().key(null, HOME)).isEmpty();
    }

    @Test
    void configuredKeysMayDoEverything() {
        Pass pass = world.key(CONFIGURED).orElseThrow();
        assertThat(pass.caller().name()).isEqualTo("key-1");
        assertThat(pass.caller().grants().anywhere(Permission.ADMIN)).isTrue();
        assertThat(pass.now()).contains(pass.caller());
        assertThat(world.key(SHORT).orElseThrow().caller().name()).isEqualTo("key-2");
    }

    /** What a heartbeat job gets. */
    @Test
    void aKeyThatMayRenewOneTunnelMayDoNothingElse() {
        CreatedKey made = done(world.access
                .keys()
                .create(
                        anna,
                        new NewKey(
                                "heartbeat",
                                Optional.empty(),
                                Optional.of("lab"),
                                Set.of(Permission.TUNNELS_RENEW),
                                OptionalLong.of(7),
                                Optional.empty())));
        Caller job = world.key(made.secret()).orElseThrow().caller();
        for (Permission each : Permission.values()) {
            Verdict own = job.grants().onTunnel(each, 7, "lab", "anna");
            assertThat(own)
                    .as("%s", each)
                    .isEqualTo(each == Permission.TUNNELS_RENEW ? Verdict.ALLOWED : Verdict.REFUSED);
            assertThat(job.grants().onTunnel(each, 8, "lab", "anna")).isEqualTo(Verdict.HIDDEN);
            assertThat(job.grants().inProject(each, "lab")).isEqualTo(Verdict.REFUSED);
            assertThat(job.grants().anywhere(each)).isEqualTo(each == Permission.TUNNELS_RENEW);
        }
        assertThat(world.access.keys().list(job)).isEmpty();
        assertThatThrownBy(() -> make(job, Optional.of("lab"), Set.of(Permission.TUNNELS_RENEW)))
                .isInstanceOf(ForbiddenException.class);
    }

    @Test
    void aRevokedKeyIsWorthNothingAtOnce() {
        CreatedKey made = make(anna, Optional.of("lab"), MEMBERS_OWN);
        Pass streaming = world.key(made.secret()).orElseThrow();
        boolean[] inside = new boolean[1];
        done(world.access
                .keys()
                .revoke(anna, made.key().id())
                .thenAccept(done -> inside[0] = world.key(made.secret()).isPresent()));
        assertThat(inside[0]).as("before the change's stage completes").isFalse();
        assertThat(streaming.now()).isEmpty();
        assertThat(world.access.keys().find(anna, made.key().id()).revoked()).isPresent();
        done(world.access.keys().revoke(anna, made.key().id()));
        close();
        world = new AccessWorld(scratch, clock);
        assertThat(world.key(made.secret())).isEmpty();
    }

    @Test
    void aKeyOfADisabledUserIsWorthNothingAtOnce() {
        CreatedKey made = make(anna, Optional.of("lab"), MEMBERS_OWN);
        Pass streaming = world.key(made.secret()).orElseThrow();
        disable("anna", true);
        assertThat(world.key(made.secret())).isEmpty();
        assertThat(streaming.now()).isEmpty();
        disable("anna", false);
        assertThat(world.key(made.secret())).isPresent();
        done(world.access.users().remove(ROOT, "anna"));
        assertThat(world.key(made.secret())).isEmpty();
    }

    @Test
    void aRoleThatIsTakenAwayIsTakenFromKeysAtOnce() {
        CreatedKey made = make(olga, Optional.of("lab"), Set.of(Permission.MEMBERS, Permission.TUNNELS_WRITE));
        Pass streaming = world.key(made.secret()).orElseThrow();
        role("olga", "lab", Role.MEMBER);
        assertThat(streaming.now().orElseThrow().grants().inProject(Permission.MEMBERS, "lab"))
                .isEqualTo(Verdict.REFUSED);
        done(world.access.projects().removeMember(ROOT, "lab", "olga"));
        Caller left = streaming.now().orElseThrow();
        assertThat(left.grants().inProject(Permission.TUNNELS_WRITE, "lab")).isEqualTo(Verdict.HIDDEN);
        assertThat(left.grants().anywhere(Permission.TUNNELS_WRITE)).isFalse();
        Caller fresh = world.key(made.secret()).orElseThrow().caller();
        assertThat(fresh.grants().anywhere(Permission.TUNNELS_WRITE)).isFalse();
    }

    @Test
    void pangolin_a_key_expires() {
        Instant end = clock.instant().plusSeconds(60);
        CreatedKey made = done(world.access
                .keys()
                .create(
                        anna,
                        new NewKey(
                                "",
                                Optional.empty(),
                                Optional.of("lab"),
                                MEMBERS_OWN,
                                OptionalLong.empty(),
                                Optional.of(end))));
        Pass streaming = world.key(made.secret()).orElseThrow();
        clock.move(Duration.ofSeconds(60));
        assertThat(world.key(made.secret())).isEmpty();
        assertThat(streaming.now()).isEmpty();
        clock.move(Duration.ofDays(31));
        world.access.turn();
        done(world.access.users().endLogins(ROOT, "anna"));
        assertThat(world.store.access().load().keys()).isEmpty();
    }

    @Test
    void nobodyMakesAKeyThatCanDoMoreThanItself() {
        assertForbidden(anna, Optional.of("lab"), Set.of(Permission.ADMIN));
        assertForbidden(anna, Optional.of("lab"), Set.of(Permission.MEMBERS));
        assertForbidden(anna, Optional.of("default"), Set.of(Permission.TUNNELS_READ));
        assertForbidden(olga, Optional.of("lab"), Set.of(Permission.TUNNELS_READ, Permission.ADMIN));
        assertThatThrownBy(() -> make(olga, Optional.of("default"), Set.of(Permission.TUNNELS_READ)))
                .isInstanceOf(NotFoundException.class)
                .hasMessage(new NotFoundException("project", "default").getMessage());
        assertThatThrownBy(() -> make(olga, Optional.of("nowhere"), Set.of(Permission.TUNNELS_READ)))
                .isInstanceOf(NotFoundException.class);
        NewKey forAnna = new NewKey(
                "", Optional.of("anna"), Optional.of("lab"), MEMBERS_OWN, OptionalLong.empty(), Optional.empty());
        assertThatThrownBy(() -> done(world.access.keys().create(olga, forAnna)))
                .isInstanceOf(ForbiddenException.class);
        assertThat(done(world.access.keys().create(root, forAnna)).key().user()).isEqualTo("anna");
    }

    @Test
    void noKeyMakesAKeyThatCanDoMoreOrLivesLonger() {
        CreatedKey inLab = make(anna, Optional.of("lab"), Set.of(Permission.KEYS, Permission.TUNNELS_READ));
        Caller narrow = world.key(inLab.secret()).orElseThrow().caller();
        assertForbidden(narrow, Optional.empty(), Set.of(Permission.TUNNELS_READ));
        assertForbidden(narrow, Optional.of("lab"), Set.of(Permission.TUNNELS_WRITE));
        make(narrow, Optional.of("lab"), Set.of(Permission.TUNNELS_READ));
        Instant end = clock.instant().plusSeconds(60);
        NewKey mortal = new NewKey(
                "", Optional.empty(), Optional.of("lab"), MEMBERS_OWN, OptionalLong.empty(), Optional.of(end));
        Caller short1 = world.key(done(world.access.keys().create(anna, mortal)).secret())
                .orElseThrow()
                .caller();
        assertThatThrownBy(() -> make(short1, Optional.of("lab"), Set.of(Permission.TUNNELS_READ)))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("as the key that asks");
        done(world.access.keys().create(short1, mortal));
    }

    @Test
    void whatAStolenKeyMadeIsRevokedWithIt() {
        CreatedKey stolen = make(anna, Optional.of("lab"), MEMBERS_OWN);
        Caller thief = world.key(stolen.secret()).orElseThrow().caller();
        CreatedKey child = make(thief, Optional.of("lab"), MEMBERS_OWN);
        CreatedKey grandchild = make(world.key(child.secret()).orElseThrow().caller(), Optional.of("lab"), MEMBERS_OWN);
        assertThat(grandchild.key().madeBy()).contains(child.key().id());
        CreatedKey another = make(anna, Optional.of("lab"), MEMBERS_OWN);
        done(world.access.keys().revoke(anna, stolen.key().id()));
        assertThat(world.key(grandchild.secret())).isEmpty();
        assertThat(world.key(another.secret())).isPresent();
        assertThatThrownBy(() -> make(thief, Optional.of("lab"), MEMBERS_OWN))
                .as("a request that came in before the revocation and is worked on behind it")
                .isInstanceOf(UnauthorizedException.class);
    }

    @Test
    void aUserSeesItsOwnKeysAnOperatorTheProjectsAnAdminAll() {
        String inLab = make(anna, Optional.of("lab"), MEMBERS_OWN).key().id();
        String everywhere = make(anna, Optional.empty(), MEMBERS_OWN).key().id();
        String olgas = make(olga, Optional.of("lab"), MEMBERS_OWN).key().id();
        assertThat(ids(anna)).containsExactlyInAnyOrder(inLab, everywhere);
        assertThat(ids(olga)).containsExactlyInAnyOrder(inLab, olgas);
        assertThat(ids(root)).containsExactlyInAnyOrder(inLab, everywhere, olgas);
        for (String hidden : List.of(olgas, "zzzzzzzz")) {
            assertThatThrownBy(() -> world.access.keys().find(anna, hidden))
                    .isInstanceOf(NotFoundException.class)
                    .hasMessage(new NotFoundException("key", hidden).getMessage());
            assertThatThrownBy(() -> done(world.access.keys().revoke(anna, hidden)))
                    .isInstanceOf(NotFoundException.class);
        }
        assertThatThrownBy(() -> done(world.access.keys().revoke(olga, everywhere)))
                .isInstanceOf(NotFoundException.class);
        done(world.access.keys().revoke(olga, inLab));
        Caller reads = world.key(make(anna, Optional.of("lab"), Set.of(Permission.TUNNELS_READ))
                        .secret())
                .orElseThrow()
                .caller();
        assertThat(ids(reads)).as("a key without the scope for it").isEmpty();
    }

    @Test
    void lastUseIsExactInMemoryAndToTheMinuteInTheStore() {
        CreatedKey made = make(anna, Optional.of("lab"), MEMBERS_OWN);
        String id = made.key().id();
        assertThat(made.key().lastUsed()).isEmpty();
        Instant first = clock.instant();
        assertThat(world.key(made.secret())).isPresent();
        world.access.turn();
        clock.move(Duration.ofSeconds(59));
        assertThat(world.key(made.secret())).isPresent();
        world.access.turn();
        assertThat(world.access.keys().find(anna, id).lastUsed()).contains(first.plusSeconds(59));
        assertThat(storedUse(id)).contains(first);
        clock.move(Duration.ofSeconds(1));
        assertThat(world.key(made.secret())).isPresent();
        world.access.turn();
        assertThat(storedUse(id)).contains(first.plusSeconds(60));
        clock.move(Duration.ofSeconds(1));
        assertThat(world.key(made.secret())).isPresent();
        world.access.last();
        assertThat(storedUse(id)).contains(first.plusSeconds(61));
    }

    @Test
    void wrongKeysAreThrottledByAddressAndRightOnesComeInAllTheSame() {
        CreatedKey made = make(anna, Optional.of("lab"), MEMBERS_OWN);
        InetAddress bad = address("203.0.113.9");
        for (int i = 1; i < Throttle.FREE_OF_ADDRESS; i++) {
            assertThat(world.access.authenticator().key("wrong " + i, bad)).isEmpty();
        }
        assertThatThrownBy(() -> world.access.authenticator().key("wrong", bad)).isInstanceOf(ThrottledException.class);
        assertThat(world.access.authenticator().key(made.secret(), bad)).isPresent();
        assertThat(world.access.authenticator().key(CONFIGURED, bad)).isPresent();
        // One that could be a word is not looked at, right or wrong, but from elsewhere.
        assertThatThrownBy(() -> world.access.authenticator().key(SHORT, bad)).isInstanceOf(ThrottledException.class);
        assertThat(world.access.authenticator().key(SHORT, HOME)).isPresent();
        clock.move(Duration.ofSeconds(1));
        assertThat(world.access.authenticator().key(SHORT, bad)).isPresent();
    }

    @Test
    void aJobWithARevokedKeyLocksNobodyOut() {
        CreatedKey made = make(anna, Optional.of("lab"), MEMBERS_OWN);
        done(world.access.keys().revoke(anna, made.key().id()));
        for (int i = 0; i < 1_000; i++) {
            assertThat(world.key(made.secret())).isEmpty();
        }
        assertThat(world.key(SHORT)).isPresent();
    }

    @Test
    void keysThatCannotBeAreRefused() {
        assertInvalid(
                new NewKey("", Optional.empty(), Optional.of("lab"), Set.of(), OptionalLong.empty(), Optional.empty()));
        assertInvalid(
                new NewKey("", Optional.empty(), Optional.empty(), MEMBERS_OWN, OptionalLong.of(1), Optional.empty()));
        assertInvalid(new NewKey(
                "",
                Optional.empty(),
                Optional.of("lab"),
                MEMBERS_OWN,
                OptionalLong.empty(),
                Optional.of(clock.instant())));
        assertInvalid(new NewKey(
                "x".repeat(201),
                Optional.empty(),
                Optional.of("lab"),
                MEMBERS_OWN,
                OptionalLong.empty(),
                Optional.empty()));
        assertThatThrownBy(() -> make(Caller.trusted("key-1"), Optional.empty(), MEMBERS_OWN))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("key-1 is no user");
    }

    private void assertInvalid(NewKey wanted) {
        assertThatThrownBy(() -> done(world.access.keys().create(anna, wanted)))
                .isInstanceOf(InvalidRequestException.class);
    }

    private void assertForbidden(Caller caller, Optional<String> project, Set<Permission> scopes) {
        assertThatThrownBy(() -> make(caller, project, scopes)).isInstanceOf(ForbiddenException.class);
    }

    private CreatedKey make(Caller caller, Optional<String> project, Set<Permission> scopes) {
        return done(world.access
                .keys()
                .create(
                        caller,
                        new NewKey(
                                "title", Optional.empty(), project, scopes, OptionalLong.empty(), Optional.empty())));
    }

    private List<String> ids(Caller caller) {
        return world.access.keys().list(caller).stream().map(ApiKey::id).toList();
    }

    private Optional<Instant> storedUse(String id) {
        return world.store.access().load().keys().stream()
                .map(StoredKey::key)
                .filter(key -> key.id().equals(id))
                .findFirst()
                .orElseThrow()
                .lastUsed();
    }

    private void role(String user, String project, Role role) {
        done(world.access.projects().putMember(ROOT, project, user, role));
    }

    private void disable(String user, boolean disabled) {
        done(world.access
                .users()
                .change(
                        ROOT,
                        user,
                        new UserPatch(
                                Optional.empty(), Optional.empty(), Optional.of(disabled), Optional.empty(), false)));
    }
}
