package io.culvert.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.culvert.agent.Agent;
import io.culvert.client.AuditEntry;
import io.culvert.client.AuditFilter;
import io.culvert.client.Bundle;
import io.culvert.client.CreatedTunnel;
import io.culvert.client.CulvertApiException;
import io.culvert.client.CulvertClient;
import io.culvert.client.Event;
import io.culvert.client.EventFeed;
import io.culvert.client.EventFilter;
import io.culvert.client.EventListener;
import io.culvert.client.Expose;
import io.culvert.client.Identity;
import io.culvert.client.JoinToken;
import io.culvert.client.Key;
import io.culvert.client.LeaseSettings;
import io.culvert.client.NewKey;
import io.culvert.client.NewTunnel;
import io.culvert.client.Outcome;
import io.culvert.client.PolicySettings;
import io.culvert.client.Port;
import io.culvert.client.Probe;
import io.culvert.client.Project;
import io.culvert.client.Protocol;
import io.culvert.client.Quotas;
import io.culvert.client.State;
import io.culvert.client.Tunnel;
import io.culvert.client.TunnelChange;
import io.culvert.client.TunnelFilter;
import io.culvert.client.Usage;
import io.culvert.client.User;
import io.culvert.client.UserSettings;
import io.culvert.client.Webhook;
import io.culvert.client.WebhookSettings;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java client and a real server: each operation of {@code /api/v1}. */
class CulvertClientTest {
    private static final LeaseSettings LEASE = LeaseSettings.ttl(Duration.ofMinutes(10));

    @TempDir
    static Path directory;

    private static TestServer server;
    private static CulvertClient client;

    @BeforeAll
    static void start() throws Exception {
        server = new TestServer(directory);
        client = server.client();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static CreatedTunnel create(String name) throws Exception {
        return client.tunnels()
                .create(NewTunnel.builder()
                        .name(name)
                        .expose(Expose.tcp("127.0.0.1:" + server.echoPort()))
                        .lease(LEASE)
                        .build());
    }

    @Test
    void aTunnelsLife() throws Exception {
        NewTunnel wanted = NewTunnel.builder()
                .name("life")
                .label("room", "204")
                .comment("网")
                .expose(Expose.tcp("127.0.0.1:22"))
                .expose(Expose.udp("[::1]:53"))
                .lease(LeaseSettings.builder()
                        .ttl(Duration.ofMinutes(1))
                        .grace(Duration.ofSeconds(30))
                        .maxLifetime(Duration.ofHours(2))
                        .drainAtTheEnd(Duration.ofSeconds(5))
                        .warnBefore(List.of(Duration.ofSeconds(20)))
                        .build())
                .policies(PolicySettings.builder()
                        .allow(List.of("127.0.0.0/8"))
                        .most(PolicySettings.Bound.VOLUME, 5_000_000_000L)
                        .most(PolicySettings.Bound.IDLE, Duration.ofSeconds(90))
                        .build())
                .build();
        assertThat(client.tunnels().plan(wanted).exposes()).hasSize(2);
        CreatedTunnel created = client.tunnels().create(wanted, "life-1");
        long id = created.tunnel().id();
        assertThat(client.tunnels().create(wanted, "life-1").tunnel().id()).isEqualTo(id);
        assertThat(created.join()).isPresent();
        assertThat(created.tunnel().exposes()).extracting(Expose::port).doesNotContain(0);
        assertThat(created.tunnel().lease().grace()).hasValue(Duration.ofSeconds(30));
        assertThat(created.tunnel().lease().drain()).hasValue(Duration.ofSeconds(5));
        assertThat(created.tunnel().policies().volumeBytes()).hasValue(5_000_000_000L);
        assertThat(created.tunnel().policies().allow()).containsExactly("127.0.0.0/8");

        Tunnel found = client.tunnels().find("life").orElseThrow();
        assertThat(found.id()).isEqualTo(id);
        assertThat(client.tunnels().find("lif")).isEmpty();
        assertThat(client.tunnels().list(TunnelFilter.all().label("room", "204").state(State.WAITING)))
                .extracting(Tunnel::id)
                .containsExactly(id);

        Tunnel changed = client.tunnels()
                .change(
                        id,
                        TunnelChange.builder()
                                .withoutName()
                                .withoutLabel("room")
                                .policies(PolicySettings.builder()
                                        .without(PolicySettings.Bound.VOLUME)
                                        .build())
                                .build(),
                        found.version());
        assertThat(changed.name()).isEmpty();
        assertThat(changed.labels()).isEmpty();
        assertThat(changed.policies().volumeBytes()).isEmpty();
        assertThat(changed.policies().idle()).hasValue(Duration.ofSeconds(90));
        refused(
                412,
                "stale-version",
                () -> client.tunnels()
                        .change(id, TunnelChange.builder().comment("x").build(), found.version()));

        assertThat(client.tunnels().renew(id).lastRenewal()).isAfterOrEqualTo(found.lastRenewal());
        assertThat(client.tunnels().pause(id).state()).isEqualTo(State.PAUSED);
        assertThat(client.tunnels().resume(id).state()).isEqualTo(State.WAITING);
        assertThat(client.tunnels().rotateToken(id).join()).isPresent().isNotEqualTo(created.join());
        int port = found.exposes().get(0).port();
        assertThat(client.tunnels().movePort(id, 0, 0).exposes().get(0).port()).isNotEqualTo(port);

        assertThat(client.tunnels().delete(id).state()).isEqualTo(State.ENDED);
        assertThat(client.tunnels().get(id).state()).isEqualTo(State.ENDED);
        refused(404, "no-such-tunnel", () -> client.tunnels().renew(id));
    }

    @Test
    void manyAtOnce() throws Exception {
        List<NewTunnel> wanted = List.of(
                NewTunnel.to("127.0.0.1:22", Duration.ofMinutes(1)),
                NewTunnel.to("nonsense", Duration.ofMinutes(1)),
                NewTunnel.to("127.0.0.1:80", Duration.ofMinutes(1)));
        // What is no tunnel at all makes the whole call one that is none.
        refused(400, "invalid-request", () -> client.tunnels().createAll(wanted));
        List<Outcome<CreatedTunnel>> created = client.tunnels().createAll(List.of(wanted.get(0), wanted.get(2)));
        assertThat(created).allMatch(Outcome::done);
        List<Long> ids = created.stream()
                .map(outcome -> outcome.value().orElseThrow().tunnel().id())
                .toList();
        List<Long> more = List.of(ids.get(0), 999_999L, ids.get(1));
        assertThat(client.tunnels().renewAll(more)).extracting(Outcome::status).containsExactly(200, 404, 200);
        assertThat(client.tunnels().drainAll(ids.subList(0, 1), Duration.ofSeconds(1)))
                .allMatch(Outcome::done);
        assertThat(client.tunnels().deleteAll(ids.subList(1, 2))).allMatch(Outcome::done);
    }

    @Test
    @SuppressWarnings("try") // the agent serves meanwhile
    void trafficAndItsEnd() throws Exception {
        CreatedTunnel created = create("traffic");
        long id = created.tunnel().id();
        Probe before = client.traffic().probe(id, 0);
        assertThat(before.ok()).isFalse();
        assertThat(before.steps()).extracting(Probe.Step::outcome).contains("ok", "failed");
        try (Agent agent = server.agent(created.join().orElseThrow())) {
            await().until(() -> client.tunnels().get(id).state() == State.UP);
            assertThat(client.traffic().probe(id, 0).ok()).isTrue();
            try (Socket visitor = new Socket(
                    InetAddress.getLoopbackAddress(),
                    created.tunnel().exposes().get(0).port())) {
                visitor.getOutputStream().write("hello".getBytes(StandardCharsets.UTF_8));
                assertThat(visitor.getInputStream().readNBytes(5)).hasSize(5);
                var connection = client.traffic().connections(id).get(0);
                assertThat(connection.visitor()).isEqualTo("127.0.0.1:" + visitor.getLocalPort());
                assertThat(connection.bytesIn()).isEqualTo(5);
                assertThat(connection.protocol()).isEqualTo(Protocol.TCP);
                var session = client.traffic().sessions(id).get(0);
                assertThat(session.id()).isEqualTo(connection.session());
                assertThat(session.kind()).isEqualTo("own");
                client.traffic().cut(id, connection.id());
                await().until(() -> client.traffic().connections(id).isEmpty());
                client.traffic().kick(id, session.id());
                refused(404, "not-found", () -> client.traffic().cut(id, connection.id()));
            }
            await().untilAsserted(() -> {
                Usage usage = client.traffic().usage(id, Usage.Grain.MINUTE);
                assertThat(usage.slots().stream().mapToLong(Usage.Slot::bytesIn).sum())
                        .isEqualTo(5);
            });
        }
        client.tunnels().delete(id);
    }

    @Test
    void ports() throws Exception {
        assertThat(client.ports().pools()).isNotEmpty();
        Port kept = client.ports().reserve("kept", Protocol.UDP, 0, Optional.empty());
        assertThat(client.ports().list()).anySatisfy(port -> {
            assertThat(port.port()).isEqualTo(kept.port());
            assertThat(port.use()).isEqualTo("reserved");
            assertThat(port.reservation()).hasValue("kept");
        });
        client.ports().release(Protocol.UDP, kept.port());
        refused(404, "not-found", () -> client.ports().release(Protocol.UDP, kept.port()));
    }

    @Test
    void eventsFromTheirBeginning() throws Exception {
        CreatedTunnel created = create("told");
        long id = created.tunnel().id();
        List<Event> told = new CopyOnWriteArrayList<>();
        EventListener listener = told::add;
        EventFeed feed = client.events().feed(EventFilter.all().of(List.of(id)).after(0), listener);
        Thread thread = new Thread(feed, "feed");
        thread.start();
        await().until(() -> !told.isEmpty());
        client.tunnels().pause(id);
        client.tunnels().delete(id);
        await().until(() -> told.stream().anyMatch(event -> event.kind().equals("removed")));
        assertThat(told).extracting(Event::kind).startsWith("created").contains("paused");
        assertThat(told).allSatisfy(event -> assertThat(event.tunnel()).hasValue(id));
        feed.close();
        thread.join(10_000);
        assertThat(thread.isAlive()).isFalse();
    }

    @Test
    void webhooks() throws Exception {
        Webhook.WithSecret added = client.webhooks()
                .add(WebhookSettings.builder()
                        .url(URI.create("http://127.0.0.1:9/hook"))
                        .kinds(List.of("expired"))
                        .build());
        long id = added.webhook().id();
        assertThat(added.secret()).isNotBlank();
        assertThat(added.toString()).doesNotContain(added.secret());
        assertThat(client.webhooks().list()).extracting(Webhook::id).contains(id);
        assertThat(client.webhooks()
                        .change(id, WebhookSettings.builder().active(false).build())
                        .active())
                .isFalse();
        assertThat(client.webhooks().rotateSecret(id).secret()).isNotEqualTo(added.secret());
        assertThat(client.webhooks().test(id).delivered()).isFalse();
        assertThat(client.webhooks().get(id).url()).isEqualTo("http://127.0.0.1:9/hook");
        assertThat(client.webhooks().deadLetters(Optional.of(id))).isEmpty();
        refused(404, "not-found", () -> client.webhooks().redeliver("1-1"));
        refused(404, "not-found", () -> client.webhooks().drop("1-1"));
        client.webhooks().remove(id);
        refused(404, "not-found", () -> client.webhooks().get(id));
    }

    @Test
    void tokensAndFiles() throws Exception {
        long id = create("invited").tunnel().id();
        JoinToken.WithJoin made = client.joinTokens().create(id, Optional.of(Duration.ofHours(1)), Optional.of(1));
        assertThat(made.toString()).doesNotContain(made.join());
        assertThat(made.token().usesLeft()).hasValue(1L);
        assertThat(client.joinTokens().list(id))
                .extracting(JoinToken::id)
                .containsExactly(made.token().id());
        client.joinTokens().revoke(id, made.token().id());
        assertThat(client.joinTokens().list(id)).extracting(JoinToken::state).containsExactly("revoked");

        Bundle files = client.tunnels().bundle(id);
        assertThat(files.key()).contains("PRIVATE KEY");
        assertThat(files.toString()).doesNotContain("PRIVATE");
        assertThat(files.renewAt()).isBefore(files.endsAt());
        assertThat(client.tunnels().bundle(id)).isEqualTo(files);
        assertThat(new String(client.tunnels().bundleZip(id), StandardCharsets.ISO_8859_1))
                .startsWith("PK")
                .contains("proxy.key");
        assertThat(client.tunnels().reissueBundle(id)).isNotEqualTo(files);
        client.tunnels().delete(id);
    }

    @Test
    void peopleProjectsAndKeys() throws Exception {
        User.WithPassword anna = client.users()
                .create("anna", UserSettings.builder().title("Anna").build());
        String password = anna.password().orElseThrow();
        assertThat(anna.toString()).doesNotContain(password);
        assertThat(client.users()
                        .change("anna", UserSettings.builder().disabled(true).build())
                        .disabled())
                .isTrue();
        assertThat(client.users()
                        .change("anna", UserSettings.builder().disabled(false).build())
                        .disabled())
                .isFalse();
        assertThat(client.users().list()).extracting(User::name).contains("admin", "anna");
        client.users().endLogins("anna");

        Quotas few = new Quotas(
                Optional.of(2L),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(5_000_000_000L),
                Optional.of(List.of("default")));
        assertThat(client.projects().create("lab", "The lab", few).quotas()).isEqualTo(few);
        assertThat(client.projects().putMember("lab", "anna", "member").role()).isEqualTo("member");
        assertThat(client.projects().members("lab"))
                .extracting(Project.Member::user)
                .containsExactly("anna");
        assertThat(client.users().get("anna").roles()).containsEntry("lab", "member");
        assertThat(client.projects()
                        .change("lab", Optional.empty(), Optional.of(Quotas.NONE))
                        .quotas())
                .isEqualTo(Quotas.NONE);
        assertThat(client.projects().list()).extracting(Project::name).contains("default", "lab");

        Key.WithSecret key = client.keys()
                .create(NewKey.of(List.of("tunnels:read", "keys"))
                        .user("anna")
                        .project("lab")
                        .title("reader")
                        .build());
        assertThat(key.toString()).doesNotContain(key.secret());
        CulvertClient reader =
                CulvertClient.to(URI.create(server.url())).key(key.secret()).build();
        Identity who = reader.identity();
        assertThat(who.kind()).isEqualTo("key");
        assertThat(who.roles()).containsExactly(new Identity.Role("lab", "member"));
        assertThat(who.scopes()).contains("tunnels:read");
        assertThat(client.keys().list()).extracting(Key::id).contains(key.key().id());
        client.keys().revoke(key.key().id());
        assertThat(client.keys().get(key.key().id()).revokedAt()).isPresent();
        refused(401, "unauthorized", reader::identity);

        client.projects().removeMember("lab", "anna");
        client.projects().remove("lab");
        refused(404, "not-found", () -> client.projects().get("lab"));
        client.users().remove("anna");

        AuditFilter of = new AuditFilter(
                Optional.empty(), Optional.of("createProject"), Optional.empty(), Optional.empty(), Optional.empty());
        await().untilAsserted(() -> assertThat(client.audit().newest(of, 10))
                .extracting(AuditEntry::outcome)
                .contains("done"));
        assertThat(client.audit().export(AuditFilter.all(), 0, 1000).lines())
                .anySatisfy(line -> assertThat(line).contains("createKey").doesNotContain(key.secret()));
        assertThat(client.audit().verify().gap()).isEmpty();
    }

    @Test
    void theServerItself() throws Exception {
        assertThat(client.ways().password()).isTrue();
        assertThat(client.contract()).startsWith("openapi: 3.1");
        assertThat(client.contractAsJson().json()).contains("\"openapi\"");
        assertThat(client.server().limits().bulk()).isEqualTo(1000);
        assertThat(client.server().counts().tunnels()).isGreaterThanOrEqualTo(0);
        assertThat(client.drainServer(true)).isTrue();
        assertThat(client.server().draining()).isTrue();
        assertThat(client.drainServer(false)).isFalse();
        CulvertClient stranger = CulvertClient.to(URI.create(server.url())).build();
        refused(401, "unauthorized", stranger::server);
        refused(
                401,
                "unauthorized",
                () -> stranger.events().feed(EventFilter.all(), event -> {}).run());
    }

    private static void refused(int status, String type, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(CulvertApiException.class, e -> {
            assertThat(e.status()).as(e.getMessage()).isEqualTo(status);
            assertThat(e.problem().name()).isEqualTo(type);
            assertThat(e.detail()).isNotBlank();
        });
    }
}
