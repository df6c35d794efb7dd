package io.culvert.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.client.CulvertApiException;
import io.culvert.client.seed.CreatedTunnel;
import io.culvert.client.seed.Expose;
import io.culvert.client.seed.NewTunnel;
import io.culvert.client.seed.SeedClient;
import io.culvert.client.seed.Tunnel;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code kill -9} of the server while it works. */
class CrashIT {
    private static final int CREATES = 200;
    private static final int AT_A_TIME = 20;
    private static final int ANSWERED_BEFORE_THE_KILL = 80;
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final Duration SHORT = Duration.ofSeconds(10);

    @RegisterExtension
    final World world = new World();

    @Test
    void boringproxy_what_was_answered_is_there_after_the_kill() throws Exception {
        RunningServer server = world.lastingServer();
        EchoService service = world.closing(EchoService.start());
        CreatedTunnel served = server.client().create(NewTunnel.to(service.port(), LONG));
        Program agent = world.agent(server, served);
        Visitor.awaitServed(RunningServer.port(served));

        Map<Integer, CreatedTunnel> answered = new ConcurrentHashMap<>();
        createUntilKilled(server, service.port(), answered);
        assertThat(answered).hasSizeBetween(ANSWERED_BEFORE_THE_KILL, CREATES - 1);

        RunningServer again = world.again(server);
        SeedClient client = again.client();
        Map<Long, Tunnel> restored = client.list().stream().collect(Collectors.toMap(Tunnel::id, tunnel -> tunnel));
        for (CreatedTunnel created : answered.values()) {
            assertThat(restored).containsKey(created.tunnel().id());
            Tunnel tunnel = Objects.requireNonNull(restored.get(created.tunnel().id()));
            assertThat(tunnel.exposes()).isEqualTo(created.tunnel().exposes());
            assertThat(tunnel.comment()).isEqualTo(created.tunnel().comment());
            assertThat(tunnel.ttl()).isEqualTo(created.tunnel().ttl());
        }
        // A create that got no answer may be there or not, but not
        // twice; toMap above has refused an id that is there twice.
        assertThat(restored.values()).extracting(Tunnel::comment).doesNotHaveDuplicates();
        assertThat(restored.values().stream()
                        .flatMap(tunnel -> tunnel.exposes().stream())
                        .map(Expose::port))
                .doesNotHaveDuplicates();

        // The agent is back by itself, on the same process, with the same token.
        Visitor.awaitServed(RunningServer.port(served));
        assertThat(agent.isAlive()).isTrue();
        assertThat(client.query(served.tunnel().id()).sessions()).isEqualTo(1);

        long next = client.create(NewTunnel.to(service.port(), LONG)).tunnel().id();
        assertThat(next).isGreaterThan(highestId(restored.keySet(), answered));
    }

    @Test
    @SuppressWarnings("try") // the leases are renewed until the agent's process is up
    void aRestoredLeaseLastsOneTtlFromTheRestart() throws Exception {
        RunningServer server = world.lastingServer();
        EchoService service = world.closing(EchoService.start());
        SeedClient client = server.client();
        CreatedTunnel left = client.create(NewTunnel.to(service.port(), SHORT));
        CreatedTunnel renewed = client.create(NewTunnel.to(service.port(), SHORT));
        server.program().kill();
        Instant killed = Instant.now();
        // Were a lease's old deadline still good, both would be over by now.
        await().pollDelay(SHORT)
                .atMost(SHORT.plusSeconds(5))
                .until(() -> Instant.now().isAfter(killed.plus(SHORT)));

        Instant restart = Instant.now();
        RunningServer again = world.again(server);
        Instant ready = Instant.now();
        SeedClient after = again.client();
        assertThat(after.list()).hasSize(2);
        // Not one from before the kill: by now its pauses between tries may be longer than the lease.
        Program agent = world.agent(again, left);
        Visitor.awaitServed(RunningServer.port(left));
        Instant ended;
        try (Visitor visitor = Visitor.of(RunningServer.port(left))) {
            visitor.says("for one more lease");
            after.heartbeat(renewed.tunnel().id());
            ended = visitor.awaitReset();
        }
        assertThat(ended).isBetween(restart.plus(SHORT), ready.plus(SHORT).plusMillis(500));
        // The visitor is cut first, and the books follow.
        await().untilAsserted(() -> assertThat(after.list())
                .singleElement()
                .satisfies(tunnel ->
                        assertThat(tunnel.id()).isEqualTo(renewed.tunnel().id())));
        assertThat(agent.exit(Duration.ofSeconds(10))).isEqualTo(3);
    }

    private static void createUntilKilled(RunningServer server, int target, Map<Integer, CreatedTunnel> answered)
            throws Exception {
        CountDownLatch enough = new CountDownLatch(ANSWERED_BEFORE_THE_KILL);
        AtomicInteger refused = new AtomicInteger();
        ExecutorService creators = Executors.newFixedThreadPool(AT_A_TIME);
        try {
            List<CompletableFuture<Void>> creates = new ArrayList<>();
            SeedClient client = server.client();
            for (int i = 0; i < CREATES; i++) {
                int number = i;
                creates.add(CompletableFuture.runAsync(
                        () -> {
                            try {
                                answered.put(number, client.create(newTunnel(number, target)));
                                enough.countDown();
                            } catch (CulvertApiException e) {
                                refused.incrementAndGet();
                            } catch (IOException ignored) {
                                // No answer: the server was killed.
                            }
                        },
                        creators));
            }
            assertThat(enough.await(60, TimeUnit.SECONDS)).isTrue();
            server.program().kill();
            CompletableFuture.allOf(creates.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
        } finally {
            creators.shutdownNow();
        }
        assertThat(refused).as("creates that were refused").hasValue(0);
    }

    private static NewTunnel newTunnel(int number, int target) {
        return new NewTunnel(List.of(new Expose("127.0.0.1", target, 0)), "create " + number, LONG);
    }

    private static long highestId(Set<Long> restored, Map<Integer, CreatedTunnel> answered) {
        return LongStream.concat(
                        restored.stream().mapToLong(Long::longValue),
                        answered.values().stream()
                                .mapToLong(created -> created.tunnel().id()))
                .max()
                .orElseThrow();
    }
}
