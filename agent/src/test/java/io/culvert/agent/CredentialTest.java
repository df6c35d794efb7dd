package io.culvert.agent;

import static io.culvert.agent.World.assertEcho;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.culvert.gateway.Admission;
import io.culvert.gateway.AgentDoor;
import io.culvert.gateway.LiveSession;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What an agent shows at the door once its token is to be exchanged. */
@Timeout(60)
class CredentialTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();
    private static final Duration NEVER = Duration.ofDays(1);
    private static final Duration SOON = Duration.ofMillis(100);
    /** Some times as long. */
    private static final Duration WHILE = Duration.ofMillis(700);

    @TempDir
    Path directory;

    private final Door door = new Door();
    private final List<String> heard = new CopyOnWriteArrayList<>();
    private World world;
    private int port;

    @BeforeEach
    void open() throws IOException {
        world = new World(directory.resolve("identity"), door);
        port = world.tunnel(1, world.echo());
    }

    @AfterEach
    void close() throws IOException {
        world.close();
    }

    /** A door that takes the token once, and from then on the credential that it was exchanged for. */
    private static final class Door implements AgentDoor {
        final List<String> shown = new CopyOnWriteArrayList<>();
        final List<String> renewals = new CopyOnWriteArrayList<>();
        private String good = "";
        private Duration renewIn = NEVER;
        private final Queue<Runnable> held = new ConcurrentLinkedQueue<>();
        private boolean spent;
        private int lost;
        private boolean holds;

        synchronized void renewIn(Duration time) {
            renewIn = time;
        }

        /** So many answers from now on do not reach the agent. */
        synchronized void lose(int answers) {
            lost = answers;
        }

        /** Whether answers, as they are now, wait for {@link #release}. */
        synchronized void hold(boolean on) {
            holds = on;
        }

        /** Lets the answer go that has waited longest. */
        void release() {
            held.remove().run();
        }

        /** The credential is good no more, and the token again. */
        synchronized void forget() {
            good = "";
            spent = false;
        }

        synchronized String good() {
            return good;
        }

        @Override
        public CompletionStage<Admission> admit(long tunnelId, byte[] secret) {
            throw new AssertionError("asked without a credential");
        }

        @Override
        public synchronized CompletionStage<Admission> admit(long tunnelId, byte[] secret, byte[] credential) {
            String text = HEX.formatHex(credential);
            shown.add((secret.length == 0 ? "" : "token and ") + text);
            if (secret.length > 0 && !spent) {
                spent = true;
                good = text;
            }
            return answer(text.equals(good), tunnelId);
        }

        @Override
        public synchronized CompletionStage<Admission> renew(long tunnelId, byte[] credential, byte[] next) {
            renewals.add(HEX.formatHex(next));
            boolean yes = HEX.formatHex(credential).equals(good)
                    || HEX.formatHex(next).equals(good);
            if (yes) {
                good = HEX.formatHex(next);
            }
            return answer(yes, tunnelId);
        }

        private CompletionStage<Admission> answer(boolean yes, long tunnelId) {
            Admission admission = admission(yes, tunnelId);
            CompletableFuture<Admission> answer = new CompletableFuture<>();
            if (holds) {
                held.add(() -> answer.complete(admission));
            } else {
                answer.complete(admission);
            }
            return answer;
        }

        private Admission admission(boolean yes, long tunnelId) {
            if (lost > 0) {
                lost--;
                return new Admission.Refused(true, "the server was killed");
            }
            return yes
                    ? new Admission.Admitted(tunnelId, "grant", Optional.of(renewIn))
                    : new Admission.Refused(false, "no");
        }
    }

    private Path file() {
        return directory.resolve("agent.credential");
    }

    private Agent kept() {
        return world.agent(1, world.hasty(1).keepingCredential(file()), heard);
    }

    private void kick() {
        List<LiveSession> sessions = World.got(world.gateway.sessions(1));
        assertThat(sessions).hasSize(1);
        assertThat(World.got(world.gateway.kick(1, sessions.get(0).id()))).isTrue();
    }

    private void awaitBack(int times) {
        await().untilAsserted(() -> assertThat(heard.stream().filter(line -> line.startsWith("connected")))
                .hasSize(times));
    }

    @Test
    void theTokenIsShownUntilItIsExchangedAndTheCredentialAloneFromThenOn() throws Exception {
        world.agent(1, world.hasty(1), heard);
        kick();
        awaitBack(2);
        String credential = door.good();
        assertThat(door.shown).containsExactly("token and " + credential, credential);
        assertEcho(world.visit(port));
    }

    @Test
    void allSessionsOfAnAgentHaveOneCredential() {
        world.agent(1, world.hasty(1).withSessions(4), heard);
        awaitBack(4);
        assertThat(door.shown).allMatch(line -> line.endsWith(door.good()));
        assertThat(world.sessions(1)).isEqualTo(4);
    }

    @Test
    void anAnswerThatIsLostCostsNothing() {
        door.lose(3);
        world.agent(1, world.hasty(1), heard);
        assertThat(door.shown).hasSize(4).containsOnly("token and " + door.good());
    }

    @Test
    void whatIsKeptIsTheOwnersAloneAndGoodForTheNextStart() throws Exception {
        kept().close();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
        await().untilAsserted(() -> assertThat(Files.readString(file())).contains("\nheld "));
        heard.clear();
        kept();
        assertThat(door.shown).containsExactly("token and " + door.good(), door.good());
        try (var files = Files.list(directory)) {
            assertThat(files.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder("identity", "agent.credential");
        }
    }

    /** The agent is killed while the answer is on its way: what it offered lies on its disk since before it asked. */
    @Test
    void anAgentThatNeverHeardTheAnswerComesBackWithTheSameCredential() {
        door.lose(Integer.MAX_VALUE);
        Agent killed = Agent.start(world.hasty(1).keepingCredential(file()), World.listener(heard));
        await().until(() -> !door.good().isEmpty());
        killed.close();
        String exchanged = door.good();
        door.lose(0);
        heard.clear();
        kept();
        assertThat(door.good()).isEqualTo(exchanged);
        assertThat(door.shown).containsOnly("token and " + exchanged);
    }

    @Test
    void itIsRenewedOnTimeAndWhoeverIsConnectedNoticesNothing() throws Exception {
        door.renewIn(Duration.ofMillis(100));
        kept();
        Socket visitor = world.visit(port);
        assertEcho(visitor);
        await().until(() -> door.renewals.size() >= 4);
        assertEcho(visitor);
        assertThat(door.shown).as("connections for visitors").hasSize(1);
        assertThat(door.renewals).doesNotHaveDuplicates();
        door.renewIn(NEVER);
        int so = door.renewals.size();
        kick();
        awaitBack(2);
        assertThat(door.shown.get(1)).isIn(door.renewals);
        // One may have been on its way.
        assertThat(door.renewals.size()).isBetween(so, so + 1);
        await().untilAsserted(() -> assertThat(Files.readString(file())).doesNotContain("next"));
    }

    @Test
    void aRenewalWhoseAnswerIsLostIsAskedForAgainAlsoAfterAKill() throws Exception {
        door.renewIn(Duration.ofMillis(100));
        Agent first = kept();
        // The very next answers may be one of the session's: what counts is that renewals go unanswered.
        door.lose(Integer.MAX_VALUE);
        int before = door.renewals.size();
        await().until(() -> door.renewals.size() >= before + 3);
        String asked = door.renewals.get(door.renewals.size() - 1);
        assertThat(List.copyOf(door.renewals).subList(before + 1, before + 3)).containsOnly(asked);
        assertThat(Files.readString(file())).contains("\nheld ", "\nnext ");
        first.close();
        door.lose(0);
        heard.clear();
        kept();
        assertThat(door.good()).isIn(asked, door.renewals.get(door.renewals.size() - 1));
        assertThat(heard).noneMatch(line -> line.startsWith("ended"));
    }

    /** The welcome of one session comes late, and what it says of the credential is past by then. */
    @Test
    void aCredentialThatHasBeenRenewedIsNotRenewedForWhoSawTheOldOne() {
        door.renewIn(SOON);
        door.hold(true);
        Agent agent = Agent.start(world.hasty(1).withSessions(2).keepingCredential(file()), World.listener(heard));
        world.keep(agent::close);
        await().until(() -> door.held.size() == 2);
        door.renewIn(NEVER);
        door.hold(false);
        door.release();
        await().until(() -> door.renewals.size() == 1);
        String renewed = BASE64.encodeToString(HEX.parseHex(door.good()));
        await().untilAsserted(() -> assertThat(Files.readString(file())).contains("\nheld " + renewed));
        door.release();
        awaitBack(2);
        await().during(WHILE).until(() -> door.renewals.size() == 1);
    }

    @Test
    void aSessionThatComesBackDuringARenewalStartsNoOther() {
        door.renewIn(SOON);
        world.agent(1, world.hasty(1), heard);
        int answered = renewalThatWillBeLost();
        kick();
        awaitBack(2);
        await().during(WHILE).until(() -> door.renewals.size() == answered + 1);
        door.release();
        await().until(() -> door.renewals.size() > answered + 1);
    }

    /** It may have been let in by another credential, and knows better than a renewal that failed when it is time. */
    @Test
    void whatASessionIsToldDuringARenewalThatFailsCounts() {
        door.renewIn(SOON);
        world.agent(1, world.hasty(1), heard);
        int answered = renewalThatWillBeLost();
        door.renewIn(NEVER);
        kick();
        awaitBack(2);
        door.release();
        await().during(WHILE).until(() -> door.renewals.size() == answered + 1);
    }

    /** Waits for one that is not answered before {@link Door#release}; answers how many were before. */
    private int renewalThatWillBeLost() {
        synchronized (door) {
            door.hold(true);
            door.lose(1);
        }
        await().until(() -> door.held.size() == 1);
        door.hold(false);
        return door.renewals.size() - 1;
    }

    @Test
    void whoseRenewalIsRefusedForGoodServesOnAndDoesNotInsist() throws Exception {
        door.renewIn(Duration.ofMillis(100));
        world.agent(1, world.hasty(1), heard);
        synchronized (door) {
            door.good = "somebody else's";
        }
        int before = door.renewals.size();
        await().until(() -> door.renewals.size() > before);
        int so = door.renewals.size();
        await().during(Duration.ofSeconds(1)).until(() -> door.renewals.size() <= so + 1);
        assertEcho(world.visit(port));
        assertThat(heard).hasSize(1);
    }

    @Test
    void whatIsRefusedIsNeverShownAgainAndTheTokenIsTried() {
        kept();
        String old = door.good();
        door.forget();
        kick();
        awaitBack(2);
        assertThat(door.good()).isNotEqualTo(old);
        assertThat(door.shown).containsExactly("token and " + old, old, "token and " + door.good());
    }

    @Test
    void whoseTokenAndCredentialAreBothRefusedGivesUp() {
        kept();
        world.gateway.revoke(1, Set.of("another"));
        assertThat(world.sessions(1)).isEqualTo(1);
        synchronized (door) {
            door.good = "";
        }
        world.gateway.revoke(1, Set.of("grant"));
        await().untilAsserted(() -> assertThat(heard).contains("ended REFUSED: no"));
        assertThat(world.sessions(1)).isZero();
        assertThat(world.log).contains("down 1 0: its token was revoked");
    }

    @Test
    void aFileThatIsNoneOfItsOwnStopsTheStart() throws IOException {
        List<String> wrong = new ArrayList<>(List.of(
                "",
                "something else\n",
                "culvert-credential 1\ntunnel 2\nheld AAAA\n",
                "culvert-credential 1\ntunnel 1\nheld AAAA\n",
                "culvert-credential 1\ntunnel 1\nold " + "A".repeat(43) + "\n",
                "culvert-credential 1\ntunnel 1\nnew " + "A".repeat(43) + "\nmore\n",
                "culvert-credential 1\ntunnel 1\nnew " + "A".repeat(2000) + "\n"));
        for (String text : wrong) {
            Files.writeString(file(), text);
            assertThatThrownBy(() -> Agent.start(world.hasty(1).keepingCredential(file()), World.listener(heard)))
                    .as(text)
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageStartingWith(file() + ": ")
                    .hasMessageContaining("expected: ")
                    .hasMessageNotContaining("AAAA");
            assertThat(Files.readString(file())).isEqualTo(text);
        }
        assertThat(heard).isEmpty();
    }

    @Test
    void aFileThatCannotBeWrittenStopsTheStartInWords() {
        Path nowhere = directory.resolve("nowhere").resolve("agent.credential");
        assertThatThrownBy(() -> Agent.start(world.hasty(1).keepingCredential(nowhere), World.listener(heard)))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage(nowhere + ": there is no such directory");
        assertThat(heard).isEmpty();
    }
}
