package io.culvert.control;

import static io.culvert.control.World.MINUTE;
import static io.culvert.control.World.TESTER;
import static io.culvert.control.World.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.control.IssuedToken.State;
import io.culvert.control.event.EventKind;
import io.culvert.gateway.Admission;
import io.culvert.gateway.AgentDoor;
import java.net.InetAddress;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JoinTokensTest {
    private static final Duration TTL = ControlSettings.CREDENTIAL_TTL;
    private static final Duration RENEW = TTL.dividedBy(3);

    @TempDir
    Path data;

    private World world;

    @BeforeEach
    void open() {
        world = new World(data);
        world.create(Duration.ZERO, 0);
    }

    @AfterEach
    void close() {
        world.close();
    }

    private NewJoinToken token(Optional<Duration> ttl, OptionalInt uses) {
        return get(world.service.createJoinToken(TESTER, 1, ttl, uses));
    }

    private NewJoinToken once() {
        return token(Optional.empty(), OptionalInt.of(1));
    }

    private NewJoinToken always() {
        return token(Optional.empty(), OptionalInt.empty());
    }

    /** A credential as an agent draws one. */
    private static byte[] credential(int number) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) number);
        return bytes;
    }

    private CompletionStage<Admission> knock(NewJoinToken token, int credential) {
        return Objects.requireNonNull(world.plane.door)
                .admit(1, SocketDataPlane.secretOf(token.join()), credential(credential));
    }

    private Admission exchange(NewJoinToken token, int credential) {
        return get(knock(token, credential));
    }

    private Admission show(int credential) {
        return get(Objects.requireNonNull(world.plane.door).admit(1, new byte[0], credential(credential)));
    }

    private Admission renew(int credential, int next) {
        return get(Objects.requireNonNull(world.plane.door).renew(1, credential(credential), credential(next)));
    }

    private static String grant(Admission admission) {
        assertThat(admission).isInstanceOf(Admission.Admitted.class);
        return ((Admission.Admitted) admission).grant();
    }

    private static void assertRefused(Admission admission, String text) {
        assertThat(admission).isEqualTo(new Admission.Refused(false, text));
    }

    private void restart() {
        world = world.next();
        world.service.start();
    }

    private IssuedToken only() {
        List<IssuedToken> tokens = get(world.service.joinTokens(World.TESTER, 1));
        assertThat(tokens).hasSize(1);
        return tokens.get(0);
    }

    @Test
    void aTokenForOneUseIsExchangedOnceAndItsCredentialIsGoodFromThenOn() {
        NewJoinToken token = once();
        assertThat(only().state(world.clock.instant())).isEqualTo(State.GOOD);
        Admission first = exchange(token, 1);
        assertThat(first).isEqualTo(new Admission.Admitted(1, grant(first), Optional.of(RENEW)));
        assertRefused(exchange(token, 2), "this join token is used up");
        assertThat(grant(show(1))).isEqualTo(grant(first));
        assertThat(exchange(token, 1))
                .as("the answer was lost, and it asks again")
                .isEqualTo(first);
        assertThat(only().state(world.clock.instant())).isEqualTo(State.USED_UP);
        assertThat(only().usesLeft()).hasValue(0);
        assertThat(only().lastUsed()).contains(world.clock.instant());
        assertThat(world.kinds(1)).contains(EventKind.TOKEN_CREATED, EventKind.TOKEN_USED);
    }

    @Test
    void ofThoseWhoRaceForOneUseExactlyOneWins() {
        NewJoinToken token = once();
        List<CompletionStage<Admission>> answers = new ArrayList<>();
        for (int i = 1; i <= 50; i++) {
            answers.add(knock(token, i));
        }
        assertThat(answers.stream().map(World::get).filter(Admission.Admitted.class::isInstance))
                .hasSize(1);
        assertThat(only().credentials()).hasSize(1);
    }

    @Test
    void countedUsesAreCounted() {
        NewJoinToken token = token(Optional.empty(), OptionalInt.of(3));
        for (int i = 1; i <= 3; i++) {
            grant(exchange(token, i));
            grant(exchange(token, i));
        }
        assertRefused(exchange(token, 4), "this join token is used up");
        assertThat(only().credentials()).hasSize(3);
    }

    @Test
    void pangolin_a_token_whose_time_is_over_is_exchanged_no_more() {
        NewJoinToken token = token(Optional.of(MINUTE), OptionalInt.empty());
        grant(exchange(token, 1));
        world.pass(MINUTE.minusNanos(1));
        grant(exchange(token, 2));
        world.pass(Duration.ofNanos(1));
        assertRefused(exchange(token, 3), "this join token has expired");
        grant(show(1));
        assertThat(only().state(world.clock.instant())).isEqualTo(State.EXPIRED);
    }

    @Test
    void aTokenIsForItsTunnelAlone() {
        world.create(Duration.ZERO, 0);
        NewJoinToken token = once();
        assertRefused(
                get(Objects.requireNonNull(world.plane.door)
                        .admit(2, SocketDataPlane.secretOf(token.join()), credential(1))),
                "no living tunnel takes this token");
        grant(exchange(token, 1));
        assertRefused(
                get(Objects.requireNonNull(world.plane.door).admit(2, new byte[0], credential(1))),
                "no living tunnel takes this credential");
    }

    @Test
    void withoutACredentialToExchangeItForATokenIsNotSpent() {
        NewJoinToken token = once();
        assertRefused(
                get(Objects.requireNonNull(world.plane.door).admit(1, SocketDataPlane.secretOf(token.join()))),
                "this token is exchanged for a credential, and the agent offers none");
        grant(exchange(token, 1));
    }

    @Test
    void bothAreKnownAfterARestartAndAfterAKill() {
        NewJoinToken used = once();
        NewJoinToken fresh = once();
        String grant = grant(exchange(used, 1));
        List<IssuedToken> before = get(world.service.joinTokens(World.TESTER, 1));
        restart();
        assertThat(get(world.service.joinTokens(World.TESTER, 1))).isEqualTo(before);
        assertThat(grant(show(1))).isEqualTo(grant);
        assertRefused(exchange(used, 2), "this join token is used up");
        grant(exchange(fresh, 3));
    }

    @Test
    void revocationEndsTokenAndCredentialsAtOnceAndForEver() {
        NewJoinToken token = token(Optional.empty(), OptionalInt.of(5));
        NewJoinToken other = once();
        String grant = grant(exchange(token, 1));
        String second = grant(exchange(token, 2));
        grant(exchange(other, 3));
        get(world.service.revokeJoinToken(TESTER, 1, token.token().id()));
        assertThat(world.plane.grantsRevoked).containsExactlyInAnyOrder("1:" + grant, "1:" + second);
        assertRefused(show(1), "no living tunnel takes this credential");
        assertRefused(exchange(token, 1), "this join token was revoked");
        assertRefused(renew(1, 9), "no living tunnel takes this credential");
        grant(show(3));
        restart();
        assertRefused(show(1), "no living tunnel takes this credential");
        assertRefused(exchange(token, 4), "this join token was revoked");
        grant(show(3));
        assertThat(world.refused(world.service.revokeJoinToken(TESTER, 1, "none")))
                .isInstanceOf(NoSuchTokenException.class);
        IssuedToken again =
                get(world.service.revokeJoinToken(TESTER, 1, token.token().id()));
        assertThat(again.state(world.clock.instant())).isEqualTo(State.REVOKED);
        assertThat(world.plane.grantsRevoked).isEmpty();
    }

    @Test
    void whileTheTunnelDrainsNobodyNewComesInAndRevocationStillCuts() {
        NewJoinToken token = token(Optional.empty(), OptionalInt.of(5));
        String grant = grant(exchange(token, 1));
        world.plane.visitors.put(1L, 1);
        get(world.service.end(TESTER, 1, OptionalLong.empty(), MINUTE));
        assertThat(exchange(token, 2)).isEqualTo(new Admission.Refused(true, "the tunnel is ending"));
        grant(show(1));
        get(world.service.revokeJoinToken(TESTER, 1, token.token().id()));
        assertThat(world.plane.grantsRevoked).containsExactly("1:" + grant);
        assertRefused(show(1), "no living tunnel takes this credential");
        assertThat(world.status(1).state()).isEqualTo(TunnelState.DRAINING);
    }

    @Test
    void aCredentialThatIsNotRenewedEndsAndItsSessionsAreCut() {
        String grant = grant(exchange(once(), 1));
        world.pass(TTL.minusNanos(1));
        grant(show(1));
        assertThat(world.plane.grantsRevoked).isEmpty();
        world.pass(Duration.ofNanos(1));
        assertRefused(show(1), "no living tunnel takes this credential");
        assertThat(world.plane.grantsRevoked).containsExactly("1:" + grant);
        assertThat(only().credentials()).isEmpty();
    }

    @Test
    void endsAreKeptThroughARestart() {
        String grant = grant(exchange(once(), 1));
        world.pass(RENEW);
        restart();
        world.pass(TTL.minus(RENEW));
        assertThat(world.plane.grantsRevoked).containsExactly("1:" + grant);
    }

    @Test
    void renewedItHasItsWholeTimeAgainAndTheOldOneEndsWhenTheNewOneIsShown() {
        String grant = grant(exchange(once(), 1));
        world.pass(RENEW);
        assertThat(renew(1, 2)).isEqualTo(new Admission.Admitted(1, grant, Optional.of(RENEW)));
        grant(show(1));
        assertThat(renew(1, 2))
                .as("the answer was lost")
                .isEqualTo(new Admission.Admitted(1, grant, Optional.of(RENEW)));
        restart();
        assertThat(grant(show(1))).isEqualTo(grant);
        assertThat(grant(show(2))).isEqualTo(grant);
        assertRefused(show(1), "no living tunnel takes this credential");
        world.pass(TTL.minusNanos(1));
        grant(show(2));
        world.pass(Duration.ofNanos(1));
        assertRefused(show(2), "no living tunnel takes this credential");
    }

    @Test
    void theOldOneEndsByItselfToo() {
        grant(exchange(once(), 1));
        world.pass(RENEW);
        grant(renew(1, 2));
        world.pass(TTL.minus(RENEW));
        assertRefused(show(1), "no living tunnel takes this credential");
        grant(show(2));
    }

    @Test
    void whoStoleAnOldOneCannotRenewIt() {
        grant(exchange(once(), 1));
        world.pass(RENEW);
        grant(renew(1, 2));
        assertRefused(renew(1, 3), "this credential was renewed before, by somebody who has another one now");
        assertThat(renew(2, 4)).isEqualTo(new Admission.Refused(true, "this credential is too young to be renewed"));
        assertRefused(renew(7, 8), "no living tunnel takes this credential");
    }

    @Test
    void aDeadDatabaseSpendsNothing() throws Exception {
        NewJoinToken token = once();
        grant(exchange(once(), 9));
        try (Connection blocker = DriverManager.getConnection("jdbc:sqlite:" + data.resolve("culvert.db"));
                Statement statement = blocker.createStatement()) {
            statement.execute("CREATE TRIGGER no BEFORE INSERT ON join_token BEGIN SELECT RAISE(ABORT, 'no'); END");
            assertThat(exchange(token, 1))
                    .isEqualTo(new Admission.Refused(true, "the server cannot answer at the moment; try again"));
            grant(show(9));
            statement.execute("DROP TRIGGER no");
        }
        await().untilAsserted(() -> {
            world.pass(Duration.ofSeconds(5));
            grant(exchange(token, 2));
        });
        assertRefused(exchange(token, 1), "this join token is used up");
    }

    @Test
    void aTokenWithoutCountedUsesKeepsSoManyCredentialsAndNoMore() {
        NewJoinToken token = always();
        String first = grant(exchange(token, 1));
        for (int i = 2; i <= TokenKeeper.MOST_USES; i++) {
            world.clock.move(Duration.ofMillis(1));
            grant(exchange(token, i));
        }
        assertThat(world.plane.grantsRevoked).isEmpty();
        grant(exchange(token, 101));
        assertThat(world.plane.grantsRevoked).containsExactly("1:" + first);
        assertThat(only().credentials()).hasSize(TokenKeeper.MOST_USES);
        assertThat(only().usesLeft()).isEmpty();
    }

    @Test
    void aTunnelHasAHundredTokensAndDeadOnesMakeRoom() {
        for (int i = 0; i < TokenIssuer.MOST; i++) {
            once();
        }
        assertThat(world.refused(world.service.createJoinToken(TESTER, 1, Optional.empty(), OptionalInt.empty())))
                .isInstanceOf(ConflictException.class)
                .hasMessage("tunnel 1 has 100 join tokens, which is the most: revoke one");
        String second = get(world.service.joinTokens(World.TESTER, 1)).get(1).id();
        get(world.service.revokeJoinToken(TESTER, 1, second));
        String last = once().token().id();
        assertThat(get(world.service.joinTokens(World.TESTER, 1)))
                .hasSize(TokenIssuer.MOST)
                .extracting(IssuedToken::id)
                .doesNotContain(second)
                .endsWith(last);
    }

    @Test
    void itsTunnelsEndIsItsOwn() {
        NewJoinToken token = once();
        grant(exchange(token, 1));
        get(world.service.remove(TESTER, 1));
        assertRefused(show(1), "no living tunnel takes this credential");
        assertRefused(exchange(token, 1), "no living tunnel takes this token");
        assertThat(world.refused(world.service.joinTokens(World.TESTER, 1))).isInstanceOf(NoSuchTunnelException.class);
        world.pass(TTL);
        assertThat(world.plane.grantsRevoked).isEmpty();
        restart();
        assertRefused(show(1), "no living tunnel takes this credential");
    }

    @Test
    void whatIsAskedForHasBounds() {
        assertThat(world.refused(world.service.createJoinToken(TESTER, 1, Optional.empty(), OptionalInt.of(101))))
                .hasMessage("uses: '101' (expected: 1 to 100)");
        assertThat(world.refused(
                        world.service.createJoinToken(TESTER, 1, Optional.of(Duration.ZERO), OptionalInt.empty())))
                .isInstanceOf(InvalidRequestException.class);
        assertThat(world.refused(world.service.createJoinToken(TESTER, 9, Optional.empty(), OptionalInt.empty())))
                .isInstanceOf(NoSuchTunnelException.class);
        NewJoinToken made = once();
        assertThat(made.toString()).doesNotContain(made.join());
        assertThat(made.token().toString()).contains("MASKED");
    }

    /** An empty token was one that everybody had. */
    @Test
    void frp_an_empty_token_lets_no_agent_in() {
        assertRefused(
                get(Objects.requireNonNull(world.plane.door).admit(1, new byte[0], new byte[0])),
                "no living tunnel takes this credential");
        assertRefused(
                get(Objects.requireNonNull(world.plane.door).admit(1, new byte[32], new byte[0])),
                "no living tunnel takes this token");
    }

    /** Whoever guesses is told of, and waits; whoever has what is right, or was, does not. */
    @Test
    void guessesAreCountedByAddressAndSlowedDown() {
        world.close();
        world = new World(data, world.clock, world.plane.address, ControlSettings.defaults());
        List<InetAddress> told = new CopyOnWriteArrayList<>();
        Duration wait = Duration.ofMillis(300);
        world.service.watchGuesses(from -> {
            told.add(from);
            return told.size() < 2 ? Optional.empty() : Optional.of(wait);
        });
        world.service.start();
        AgentDoor door = Objects.requireNonNull(world.plane.door);
        InetAddress home = InetAddress.getLoopbackAddress();
        NewJoinToken token = once();
        byte[] secret = SocketDataPlane.secretOf(token.join());
        assertRefused(get(door.admit(home, 1, new byte[32], new byte[0])), "no living tunnel takes this token");
        long begin = System.nanoTime();
        assertRefused(get(door.admit(home, 7, new byte[32], new byte[0])), "no living tunnel takes this token");
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThanOrEqualTo(wait);
        assertRefused(get(door.renew(home, 1, credential(8), credential(9))), "no living tunnel takes this credential");
        assertThat(told).containsExactly(home, home, home);
        grant(get(door.admit(home, 1, secret, credential(1))));
        assertRefused(get(door.admit(home, 1, secret, credential(2))), "this join token is used up");
        assertThat(told).as("neither is a guess").hasSize(3);
    }
}
