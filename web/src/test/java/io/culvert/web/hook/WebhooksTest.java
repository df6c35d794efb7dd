package io.culvert.web.hook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.culvert.control.Caller;
import io.culvert.control.ConflictException;
import io.culvert.control.ForbiddenException;
import io.culvert.control.InvalidRequestException;
import io.culvert.control.NoSuchWebhookException;
import io.culvert.control.caller.Grants;
import io.culvert.control.caller.Quotas;
import io.culvert.control.caller.Role;
import io.culvert.control.event.Event;
import io.culvert.control.event.EventKind;
import io.culvert.control.event.EventScribe;
import io.culvert.control.hook.AddressRule;
import io.culvert.control.hook.Attempt;
import io.culvert.control.hook.Delivery;
import io.culvert.control.hook.HookSender;
import io.culvert.control.hook.NewWebhook;
import io.culvert.control.hook.SecretBox;
import io.culvert.control.hook.Webhook;
import io.culvert.control.hook.WebhookPatch;
import io.culvert.control.hook.WebhookSettings;
import io.culvert.control.hook.WebhookStore;
import io.culvert.control.hook.Webhooks;
import io.culvert.control.sql.SqlTunnelStore;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Webhooks from the event to a real HTTP server, on a real database; time is moved by hand. */
class WebhooksTest {
    private static final Caller ME = Caller.trusted("tester");
    private static final WebhookSettings SETTINGS =
            new WebhookSettings(3, Duration.ofSeconds(1), Duration.ofHours(1), 2, 5, 3, 3);
    private static final SecureRandom RANDOM = new SecureRandom();

    @TempDir
    Path scratch;

    private final ExecutorService ledger = Executors.newSingleThreadExecutor();
    private final HandClock now = new HandClock();
    private final byte[] key = new byte[SecretBox.KEY_BYTES];

    @AfterEach
    void endThread() {
        ledger.shutdownNow();
    }

    /** One life of the server. */
    private final class Life implements AutoCloseable {
        private final SqlTunnelStore store;
        private final HttpHookSender sender = new HttpHookSender("test", Duration.ofMillis(1_500));
        private final EventScribe scribe;
        private final Webhooks hooks;

        Life(Path data) {
            this(data, UnaryOperator.identity());
        }

        /** @param on its way to the sender */
        Life(Path data, UnaryOperator<HookSender.Call> on) {
            store = SqlTunnelStore.open(data);
            scribe = EventScribe.open(store.events(), 1_000);
            hooks = Webhooks.open(
                    scribe.log(),
                    store.webhooks(),
                    call -> sender.send(on.apply(call)),
                    id -> id == 7 ? Map.of("team", "lab", "x", "y") : Map.of(),
                    project -> Optional.of(Quotas.NONE),
                    new SecretBox(key, RANDOM),
                    now,
                    RANDOM,
                    SETTINGS,
                    ledger);
        }

        void turn() {
            get(CompletableFuture.runAsync(
                    () -> {
                        scribe.turn();
                        hooks.turn();
                        hooks.sending().turn();
                    },
                    ledger));
        }

        Event event(EventKind kind, int tunnel) {
            return scribe.log()
                    .add(
                            now.instant(),
                            kind,
                            OptionalLong.of(tunnel),
                            Optional.of(tunnel == 7 ? "lab" : "shop"),
                            "it is \"so\" – ü",
                            Map.of("a", "b"));
        }

        Webhook.WithSecret add(String url) {
            return get(
                    hooks.add(ME, new NewWebhook(Optional.empty(), url, Optional.empty(), Webhook.Filter.ALL, true)));
        }

        Webhook hook(long id) {
            return get(hooks.get(ME, id)).orElseThrow();
        }

        List<Delivery> dead() {
            return get(hooks.deadLetters(ME, OptionalLong.empty()));
        }

        /** Moves the clock to the next try and waits until as many tries have failed. */
        void failAgain(long id, int waiting, int dead) {
            Optional<Attempt> before = hook(id).last();
            now.move(Duration.ofHours(2));
            turn();
            await().untilAsserted(() -> {
                assertThat(hook(id).last()).isNotEqualTo(before);
                assertThat(hook(id).waiting()).isEqualTo(waiting);
                assertThat(hook(id).dead()).isEqualTo(dead);
            });
        }

        @Override
        public void close() {
            get(CompletableFuture.runAsync(
                    () -> {
                        hooks.sending().last();
                        hooks.last();
                        scribe.last();
                    },
                    ledger));
            sender.close();
            store.close();
        }
    }

    @Test
    void anEventIsPostedWithASignatureThatHolds() throws Exception {
        try (Life life = new Life(scratch);
                Receiver receiver = new Receiver()) {
            Webhook.WithSecret hook = life.add(receiver.url());
            Event event = life.event(EventKind.AGENT_UP, 7);
            life.turn();
            await().until(() -> receiver.posts.size() == 1);
            Receiver.Post post = receiver.posts.get(0);
            assertThat(post.method()).isEqualTo("POST");
            assertThat(post.type()).isEqualTo("application/json");
            assertThat(post.event()).isEqualTo("agent_up");
            assertThat(post.delivery()).isEqualTo(hook.webhook().id() + "-" + event.id());
            assertThat(post.body())
                    .isEqualTo(
                            "{\"id\":1,\"at\":\"2026-03-04T05:06:07Z\",\"kind\":\"agent_up\",\"tunnel\":7,\"project\":\"lab\","
                                    + "\"text\":\"it is \\\"so\\\" – ü\",\"details\":{\"a\":\"b\"}}");
            assertThat(post.signature()).matches("t=1772600767,v1=[0-9a-f]{64}");
            assertThat(post.signature()).endsWith("=" + openssl(hook.secret(), "1772600767." + post.body()));
            await().until(() -> life.hook(1).waiting() == 0);
            assertThat(life.hook(1).last().map(Attempt::status)).contains(OptionalInt.of(200));
            life.turn();
            assertThat(receiver.posts).hasSize(1);
            assertThat(hook.toString()).doesNotContain(hook.secret());
        }
    }

    /** Reckoned by somebody else. */
    private String openssl(String secret, String text) throws Exception {
        Path file = Files.writeString(scratch.resolve("signed"), text);
        Process process =
                new ProcessBuilder("openssl", "dgst", "-sha256", "-hmac", secret, "-r", file.toString()).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assertThat(process.waitFor()).isZero();
        return out.substring(0, 64);
    }

    @Test
    void afterA500ATimeoutAndARefusalItIsADeadLetterThatCanBeSentAgain() throws Exception {
        try (Life life = new Life(scratch)) {
            int port;
            try (Receiver receiver = new Receiver()) {
                port = receiver.port();
                receiver.status = 500;
                life.add(receiver.url());
                life.event(EventKind.UP, 7);
                life.failAgain(1, 1, 0);
                assertThat(life.hook(1).last().orElseThrow().outcome()).isEqualTo("HTTP 500");
                // Not before its time.
                life.turn();
                assertThat(receiver.posts).hasSize(1);
                receiver.silent = true;
                life.failAgain(1, 1, 0);
                assertThat(life.hook(1).last().orElseThrow().outcome()).isEqualTo("no answer within 1.5 s");
            }
            life.failAgain(1, 0, 1);
            Delivery dead = life.dead().get(0);
            assertThat(dead.id()).isEqualTo("1-1");
            assertThat(dead.tries()).isEqualTo(3);
            assertThat(dead.last().orElseThrow().outcome()).startsWith("connection refused");
            assertThat(dead.deadSince()).isPresent();
            try (Receiver receiver = new Receiver(port)) {
                get(life.hooks.redeliver(ME, "1-1"));
                await().until(() -> receiver.posts.size() == 1);
                await().until(() -> life.hook(1).waiting() == 0);
                assertThat(life.dead()).isEmpty();
                assertThat(receiver.posts.get(0).delivery()).isEqualTo("1-1");
            }
            assertThat(failure(life.hooks.redeliver(ME, "1-1"))).isInstanceOf(NoSuchWebhookException.class);
        }
    }

    @Test
    void redirectsAreNotFollowedAndTricklesEnd() throws Exception {
        try (Life life = new Life(scratch);
                Receiver receiver = new Receiver()) {
            receiver.status = 302;
            life.add(receiver.url());
            assertThat(get(life.hooks.test(ME, 1)).outcome()).isEqualTo("HTTP 302");
            assertThat(receiver.posts).hasSize(1);
            assertThat(receiver.posts.get(0).event()).isEqualTo("test");
            assertThat(receiver.posts.get(0).delivery()).isEqualTo("1-test");
            receiver.status = 200;
            receiver.trickling = true;
            assertThat(get(life.hooks.test(ME, 1)).outcome()).isEqualTo("no answer within 1.5 s");
            assertThat(failure(life.hooks.test(ME, 2))).isInstanceOf(NoSuchWebhookException.class);
        }
    }

    @Test
    void whatWasNotDeliveredIsDeliveredByTheNextLife() throws Exception {
        try (Receiver receiver = new Receiver()) {
            receiver.status = 503;
            try (Life life = new Life(scratch)) {
                life.add(receiver.url());
                life.event(EventKind.UP, 7);
                life.failAgain(1, 1, 0);
                life.failAgain(1, 1, 0);
                life.failAgain(1, 0, 1);
                life.event(EventKind.DOWN, 7);
                life.failAgain(1, 1, 1);
                life.turn();
                // Added, and never looked at before the end.
                life.event(EventKind.PAUSED, 7);
            }
            receiver.posts.clear();
            receiver.status = 204;
            now.move(Duration.ofHours(2));
            try (Life life = new Life(scratch)) {
                life.turn();
                await().until(() -> receiver.posts.size() == 2);
                assertThat(receiver.posts).extracting(Receiver.Post::delivery).containsExactlyInAnyOrder("1-2", "1-3");
                await().until(() -> life.hook(1).waiting() == 0);
                assertThat(life.dead()).extracting(Delivery::id).containsExactly("1-1");
                assertThat(life.dead().get(0).last().orElseThrow().outcome()).isEqualTo("HTTP 503");
                assertThat(get(life.hooks.drop(ME, "1-1"))).isTrue();
                assertThat(get(life.hooks.drop(ME, "1-1"))).isFalse();
            }
            try (Life life = new Life(scratch)) {
                life.turn();
                assertThat(life.dead()).isEmpty();
                assertThat(life.add(receiver.url()).webhook().id()).isEqualTo(2);
            }
            assertThat(receiver.posts).hasSize(2);
        }
    }

    @Test
    void whatWasUnderWayWhenTheProcessWasKilledIsSentAgain() throws Exception {
        Path killed = Files.createDirectory(scratch.resolve("killed"));
        try (Receiver receiver = new Receiver()) {
            receiver.silent = true;
            try (Life life = new Life(scratch.resolve("data"))) {
                life.add(receiver.url());
                life.event(EventKind.UP, 7);
                life.turn();
                await().until(() -> receiver.posts.size() == 1);
                for (String name : List.of("culvert.db", "culvert.db-wal")) {
                    Files.copy(scratch.resolve("data").resolve(name), killed.resolve(name));
                }
            }
            receiver.silent = false;
            try (Life life = new Life(killed)) {
                life.turn();
                await().until(() -> receiver.posts.size() == 2);
                assertThat(receiver.posts.get(1).delivery())
                        .isEqualTo(receiver.posts.get(0).delivery());
            }
        }
    }

    @Test
    void aDeadWebhookDelaysNoOther() throws Exception {
        try (Life life = new Life(scratch);
                Receiver dead = new Receiver();
                Receiver good = new Receiver()) {
            dead.silent = true;
            life.add(dead.url());
            life.add(good.url());
            for (int i = 0; i < 8; i++) {
                life.event(EventKind.UP, i);
            }
            life.turn();
            await().atMost(Duration.ofSeconds(1)).until(() -> good.posts.size() == 5);
            // Two at a time, five in the queue, three of what had no room.
            assertThat(dead.posts.size()).isLessThanOrEqualTo(2);
            assertThat(life.hook(1).waiting()).isEqualTo(5);
            assertThat(life.dead())
                    .filteredOn(letter -> letter.webhook() == 1)
                    .hasSize(3)
                    .allSatisfy(letter ->
                            assertThat(letter.last().orElseThrow().outcome()).startsWith("not tried"));
        }
    }

    @Test
    void aProjectsWebhookIsToldOfItsEventsAndIsThereForItsOperators() throws Exception {
        Caller olga = of("olga", "lab", Role.OPERATOR);
        Caller anna = of("anna", "lab", Role.MEMBER);
        Caller sam = of("sam", "shop", Role.OPERATOR);
        NewWebhook wanted;
        try (Life life = new Life(scratch, WebhooksTest::asOfTheServer);
                Receiver receiver = new Receiver()) {
            String url = receiver.url().replace("127.0.0.1", "localhost");
            wanted = new NewWebhook(Optional.empty(), url, Optional.empty(), Webhook.Filter.ALL, true);
            assertThat(get(life.hooks.add(olga, wanted)).webhook().project()).contains("lab");
            assertThat(failure(life.hooks.add(anna, wanted))).isInstanceOf(ForbiddenException.class);
            assertThat(failure(life.hooks.add(
                            sam, new NewWebhook(Optional.of("lab"), url, Optional.empty(), Webhook.Filter.ALL, true))))
                    .isInstanceOf(InvalidRequestException.class);
            life.event(EventKind.UP, 8);
            life.scribe
                    .log()
                    .add(
                            now.instant(),
                            EventKind.SERVER_DRAINING,
                            OptionalLong.empty(),
                            Optional.empty(),
                            "",
                            Map.of());
            life.event(EventKind.DOWN, 7);
            life.turn();
            await().untilAsserted(() -> assertThat(receiver.posts).hasSize(1));
            assertThat(receiver.posts.get(0).body()).contains("\"kind\":\"down\"", "\"project\":\"lab\"");
            for (Caller stranger : List.of(anna, sam, Caller.nobody())) {
                assertThat(get(life.hooks.list(stranger))).isEmpty();
                assertThat(get(life.hooks.get(stranger, 1))).isEmpty();
                assertThat(get(life.hooks.remove(stranger, 1))).isFalse();
                assertThat(get(life.hooks.deadLetters(stranger, OptionalLong.empty())))
                        .isEmpty();
                assertThat(get(life.hooks.drop(stranger, "1-1"))).isFalse();
                for (CompletionStage<?> tried : List.of(
                        life.hooks.newSecret(stranger, 1),
                        life.hooks.test(stranger, 1),
                        life.hooks.redeliver(stranger, "1-1"))) {
                    assertThat(failure(tried)).isInstanceOf(NoSuchWebhookException.class);
                }
            }
            get(life.hooks.add(ME, wanted));
            assertThat(get(life.hooks.list(olga))).as("not the server's").hasSize(1);
        }
        try (Life again = new Life(scratch)) {
            assertThat(get(again.hooks.list(olga))).extracting(Webhook::project).containsExactly(Optional.of("lab"));
            assertThat(get(again.hooks.list(sam))).isEmpty();
            assertThat(get(again.hooks.list(ME))).hasSize(2);
        }
    }

    /** A receiver on loopback stands for one on the internet. */
    private static HookSender.Call asOfTheServer(HookSender.Call call) {
        return new HookSender.Call(
                call.delivery(), call.url(), AddressRule.OF_SERVER, call.secret(), call.event(), call.at());
    }

    private static Caller of(String user, String project, Role role) {
        return new Caller(user, user, Grants.of(false, Map.of(project, role), user));
    }

    @Test
    void eachIsToldOfWhatItAskedFor() throws Exception {
        try (Life life = new Life(scratch);
                Receiver receiver = new Receiver()) {
            life.event(EventKind.DOWN, 7);
            life.hooks.add(
                    ME,
                    new NewWebhook(
                            Optional.empty(),
                            receiver.url() + "?kind",
                            Optional.of("0123456789abcdef"),
                            new Webhook.Filter(Set.of(EventKind.UP, EventKind.DOWN), Map.of(), OptionalLong.of(7)),
                            true));
            life.hooks.add(
                    ME,
                    new NewWebhook(
                            Optional.empty(),
                            receiver.url(),
                            Optional.empty(),
                            new Webhook.Filter(Set.of(), Map.of("team", "lab"), OptionalLong.empty()),
                            true));
            get(life.hooks.list(ME));
            life.event(EventKind.UP, 7);
            life.event(EventKind.PAUSED, 7);
            life.event(EventKind.UP, 8);
            life.turn();
            await().until(() -> receiver.posts.size() == 3);
            assertThat(receiver.posts)
                    .extracting(Receiver.Post::delivery)
                    .containsExactlyInAnyOrder("1-2", "2-2", "2-3");
            get(life.hooks.change(
                    ME, 2, new WebhookPatch(Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(false))));
            life.event(EventKind.DOWN, 7);
            life.turn();
            await().until(() -> receiver.posts.size() == 4);
            assertThat(receiver.posts.get(3).delivery()).isEqualTo("1-5");
            assertThat(get(life.hooks.remove(ME, 2))).isTrue();
            assertThat(get(life.hooks.list(ME))).hasSize(1);
        }
    }

    @Test
    void whatCannotBeIsRefusedByName() {
        try (Life life = new Life(scratch)) {
            for (String url : List.of(
                    "ftp://example.org/",
                    "http://169.254.169.254/latest/meta-data",
                    "http://[fe80::1]/",
                    "http://[::ffff:169.254.1.1]/",
                    "http://[fd00:ec2::254]/",
                    "http://2852039166/",
                    "http://127.1/",
                    "http://0.0.0.0/",
                    "http://example.org:99999/",
                    "http:///path",
                    "nonsense")) {
                assertThat(failure(life.hooks.add(
                                ME, new NewWebhook(Optional.empty(), url, Optional.empty(), Webhook.Filter.ALL, true))))
                        .as(url)
                        .isInstanceOf(InvalidRequestException.class)
                        .hasMessageStartingWith("url: '");
            }
            assertThat(failure(life.hooks.add(
                            ME,
                            new NewWebhook(
                                    Optional.empty(),
                                    "http://me:hunter2secret@example.org/",
                                    Optional.empty(),
                                    Webhook.Filter.ALL,
                                    true))))
                    .hasMessageNotContaining("hunter2secret");
            assertThat(failure(life.hooks.add(
                            ME,
                            new NewWebhook(
                                    Optional.empty(),
                                    "http://example.org/",
                                    Optional.of("too-short-s"),
                                    Webhook.Filter.ALL,
                                    true))))
                    .hasMessageStartingWith("secret: ")
                    .hasMessageNotContaining("too-short-s");
            for (int i = 0; i < 3; i++) {
                life.add("https://example.org/" + i);
            }
            assertThat(failure(life.hooks.add(
                            ME,
                            new NewWebhook(
                                    Optional.empty(),
                                    "http://example.org/",
                                    Optional.empty(),
                                    Webhook.Filter.ALL,
                                    true))))
                    .isInstanceOf(ConflictException.class);
        }
    }

    @Test
    void zrok_a_name_that_leads_to_a_forbidden_address_is_not_sent_to() throws Exception {
        try (HttpHookSender sender = new HttpHookSender("test", Duration.ofSeconds(5))) {
            // The JDK reads a lone number as an address, as an odd name server may.
            Throwable why = failure(sender.send(call("http://2852039166/", AddressRule.OF_SERVER)));
            assertThat(why).hasMessageStartingWith("not sent: 169.254.169.254 is link-local");
        }
    }

    /** What a project may not have posted to: each block where it begins and where it ends, and in each dress. */
    private static List<String> notPublic() {
        return List.of(
                // Loopback.
                "127.0.0.1",
                "127.255.255.254",
                "2130706433",
                "[::1]",
                "[::ffff:127.0.0.1]",
                "[::ffff:7f00:1]",
                "[::127.0.0.1]",
                "[64:ff9b::127.0.0.1]",
                "[2002:7f00:1::]",
                // RFC 1918.
                "10.0.0.1",
                "10.255.255.255",
                "172.16.0.1",
                "172.31.255.255",
                "192.168.0.1",
                "192.168.255.255",
                "167772161",
                "[::ffff:10.0.0.1]",
                "[64:ff9b::192.168.1.1]",
                "[2002:ac10:1::1]",
                // RFC 4193, and what went before it.
                "[fc00::1]",
                "[fdff:ffff::1]",
                "[fec0::1]",
                // Carriers' NAT.
                "100.64.0.1",
                "100.127.255.255",
                "[::ffff:100.64.0.1]",
                "[64:ff9b::100.64.0.1]",
                "[2002:6440:1::1]",
                // Link-local, and where clouds tell machines who they are.
                "169.254.169.254",
                "[fe80::1]",
                "[::ffff:169.254.1.1]",
                "[64:ff9b::169.254.1.1]",
                "[2002:a9fe:101::1]",
                "[fd00:ec2::254]",
                // No single machine's.
                "0.0.0.0",
                "0.255.255.255",
                "0",
                "[::]",
                "[::ffff:0.0.0.0]",
                "[64:ff9b::0.0.0.1]",
                "[2002::1]",
                "224.0.0.1",
                "239.255.255.255",
                "255.255.255.255",
                "[ff02::1]",
                "[::ffff:224.0.0.1]",
                "[64:ff9b::224.0.0.1]",
                "[2002:e000:1::1]",
                // Protocols, benchmarks, a NAT64 of one's own, Teredo.
                "192.0.0.1",
                "198.18.0.1",
                "198.19.255.255",
                "[64:ff9b:1::1]",
                "[2001::1]");
    }

    @ParameterizedTest
    @MethodSource("notPublic")
    void zrok_a_webhook_of_a_project_is_not_made_at(String host) {
        Caller olga = of("olga", "lab", Role.OPERATOR);
        Optional<String> url = Optional.of("http://" + host + ":8000/");
        try (Life life = new Life(scratch)) {
            for (Caller caller : List.of(olga, ME)) {
                assertThat(failure(life.hooks.add(
                                caller,
                                new NewWebhook(
                                        Optional.of("lab"), url.get(), Optional.empty(), Webhook.Filter.ALL, true))))
                        .isInstanceOf(InvalidRequestException.class)
                        .hasMessageStartingWith("url: '" + url.get() + "'")
                        .hasMessageContaining("an address that webhooks may be at; ");
            }
            get(life.hooks.add(
                    olga,
                    new NewWebhook(
                            Optional.empty(), "http://example.org/", Optional.empty(), Webhook.Filter.ALL, true)));
            WebhookPatch moved = new WebhookPatch(url, Optional.empty(), Optional.empty(), Optional.empty());
            for (Caller caller : List.of(olga, ME)) {
                assertThat(failure(life.hooks.change(caller, 1, moved))).isInstanceOf(InvalidRequestException.class);
            }
            assertThat(life.hook(1).url()).isEqualTo("http://example.org/");
        }
    }

    /** As a name's addresses: the sender is told the host only, and looks it up. */
    @ParameterizedTest
    @MethodSource("notPublic")
    void zrok_a_name_of_a_projects_webhook_is_not_sent_to_when_it_leads_to(String host) {
        try (HttpHookSender sender = new HttpHookSender("test", Duration.ofSeconds(5))) {
            assertThat(failure(sender.send(call("http://" + host + ":9/", AddressRule.OF_PROJECT))))
                    .hasMessageStartingWith("not sent: ");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.1.1.1",
                "9.255.255.255",
                "11.0.0.0",
                "100.63.255.255",
                "100.128.0.0",
                "126.255.255.255",
                "128.0.0.1",
                "172.15.255.255",
                "172.32.0.0",
                "192.0.1.1",
                "192.167.255.255",
                "192.169.0.0",
                "198.17.255.255",
                "198.20.0.0",
                "223.255.255.255",
                "[::ffff:1.1.1.1]",
                "[64:ff9b::1.1.1.1]",
                "[2002:101:101::1]",
                "[2001:1::1]",
                "[2606:4700::1111]",
                "[3fff::1]"
            })
    void aWebhookOfAProjectIsMadeAtAPublicAddress(String host) {
        try (Life life = new Life(scratch)) {
            Webhook.WithSecret made = get(life.hooks.add(
                    of("olga", "lab", Role.OPERATOR),
                    new NewWebhook(
                            Optional.empty(), "http://" + host + "/", Optional.empty(), Webhook.Filter.ALL, true)));
            assertThat(made.webhook().project()).contains("lab");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "127.0.0.1"})
    void zrok_what_a_project_has_at_loopback_from_before_is_sent_nothing(String host) throws Exception {
        try (Receiver receiver = new Receiver()) {
            try (Life life = new Life(scratch)) {
                get(life.hooks.add(
                        of("olga", "lab", Role.OPERATOR),
                        new NewWebhook(
                                Optional.empty(), "http://example.org/", Optional.empty(), Webhook.Filter.ALL, true)));
            }
            try (SqlTunnelStore store = SqlTunnelStore.open(scratch)) {
                WebhookStore.Stored made = store.webhooks().load().webhooks().get(0);
                store.webhooks()
                        .put(new WebhookStore.Stored(
                                made.id(),
                                made.project(),
                                "http://" + host + ":" + receiver.port() + "/",
                                made.sealedSecret(),
                                made.filter(),
                                true,
                                made.createdAt(),
                                made.since()));
            }
            try (Life life = new Life(scratch)) {
                String why = "is loopback; webhooks of projects go to public addresses only";
                assertThat(get(life.hooks.test(ME, 1)).outcome())
                        .startsWith("not sent: ")
                        .endsWith(why);
                life.event(EventKind.UP, 7);
                life.failAgain(1, 1, 0);
                life.failAgain(1, 1, 0);
                life.failAgain(1, 0, 1);
                assertThat(life.dead().get(0).last().orElseThrow().outcome())
                        .startsWith("not sent: ")
                        .endsWith(why);
                // The server's own may be there.
                life.add("http://" + host + ":" + receiver.port() + "/");
                assertThat(get(life.hooks.test(ME, 2)).delivered()).isTrue();
            }
            assertThat(receiver.posts).extracting(Receiver.Post::delivery).containsExactly("2-test");
        }
    }

    private HookSender.Call call(String url, AddressRule rule) {
        Event event = new Event(1, now.instant(), EventKind.UP, OptionalLong.empty(), Optional.empty(), "", Map.of());
        return new HookSender.Call("1-1", URI.create(url), rule, "s", event, now.instant());
    }

    @Test
    void theDatabaseAloneGivesNoSecretAway() throws Exception {
        String secret;
        try (Life life = new Life(scratch);
                ServerSocket nobody = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            secret = life.add("http://127.0.0.1:" + nobody.getLocalPort() + "/").secret();
            life.turn();
        }
        for (String name : List.of("culvert.db")) {
            assertThat(Files.readString(scratch.resolve(name), StandardCharsets.ISO_8859_1))
                    .contains("127.0.0.1")
                    .doesNotContain(secret.substring(6, 20));
        }
        key[0] ^= 1;
        try (Life life = new Life(scratch)) {
            Attempt attempt = get(life.hooks.test(ME, 1));
            assertThat(attempt.outcome()).contains("sealed with another key");
            assertThat(get(life.hooks.newSecret(ME, 1)).secret())
                    .startsWith("whsec_")
                    .isNotEqualTo(secret);
        }
    }

    private static <T> T get(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
    }

    private static Throwable failure(CompletionStage<?> stage) {
        Throwable failed = catchThrowable(() -> stage.toCompletableFuture().get(20, TimeUnit.SECONDS));
        assertThat(failed).isInstanceOf(ExecutionException.class).hasCauseInstanceOf(Throwable.class);
        return Objects.requireNonNull(failed.getCause());
    }

    private static final class HandClock implements InstantSource {
        private volatile Instant time = Instant.parse("2026-03-04T05:06:07Z");

        @Override
        public Instant instant() {
            return time;
        }

        void move(Duration step) {
            time = time.plus(step);
        }
    }
}
