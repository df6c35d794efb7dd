package io.culvert.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A feed against a server that breaks, forgets and refuses. */
class EventFeedTest {
    private final List<String> told = new CopyOnWriteArrayList<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private final EventListener listener = new EventListener() {
        @Override
        public void event(Event event) {
            told.add("event " + event.id() + " " + event.kind());
        }

        @Override
        public void connected() {
            told.add("connected");
        }

        @Override
        public void disconnected(IOException why) {
            told.add("disconnected");
        }

        @Override
        public void gap(long after, long before) {
            told.add("gap " + after + " " + before);
        }
    };
    private FakeServer server;

    @BeforeEach
    void start() throws IOException {
        server = new FakeServer();
    }

    @AfterEach
    void stop() {
        over.countDown();
        server.close();
    }

    private static String frame(long id) {
        return "id: " + id + "\r\nevent: up\ndata: {\"id\":" + id
                + ",\"at\":\"2026-11-23T12:00:00Z\",\"kind\":\"up\",\"tunnel\":7,\"text\":\"网\",\"details\":{}}\n\n";
    }

    private static FakeServer.Reply stream(String text) {
        return exchange -> {
            exchange.sendResponseHeaders(200, 0);
            // Byte by byte: a chunk may end anywhere.
            for (byte each : ("retry: 100\n\n:\n\n" + text).getBytes(StandardCharsets.UTF_8)) {
                exchange.getResponseBody().write(each);
                exchange.getResponseBody().flush();
            }
        };
    }

    private Thread running(EventFeed feed) {
        Thread thread = new Thread(feed, "feed");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    @Test
    void goesOnBehindTheLastEventThatItTold() throws Exception {
        server.says(stream(frame(5) + frame(6) + "id: 7\nevent: up\ndata: {\"id\":7"))
                .says(503, "")
                .says(stream("event: gap\ndata: {\"after\":6,\"before\":9}\n\n" + frame(9)))
                .says(exchange -> {
                    exchange.sendResponseHeaders(200, 0);
                    exchange.getResponseBody().flush();
                    try {
                        over.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
        EventFilter filter =
                EventFilter.all().of(List.of(7L, 8L)).kinds(List.of("up")).after(4);
        EventFeed feed = server.client().events().feed(filter, listener);
        Thread thread = running(feed);
        await().until(() -> told.size() >= 10);
        assertThat(told)
                .containsExactly(
                        "connected",
                        "event 5 up",
                        "event 6 up",
                        "disconnected",
                        "disconnected",
                        "connected",
                        "gap 6 9",
                        "event 9 up",
                        "disconnected",
                        "connected");
        assertThat(server.requests.get(0).line()).isEqualTo("GET /api/v1/events?tunnel=7&tunnel=8&kind=up");
        assertThat(server.requests.stream()
                        .map(request -> request.header("Last-event-id").orElse("")))
                .containsExactly("4", "6", "6", "9");
        feed.close();
        thread.join(10_000);
        assertThat(thread.isAlive()).isFalse();
        assertThat(told).hasSize(10);
    }

    @Test
    void goesOnFromItsBeginningWhereItBrokeBeforeTheFirstEvent() throws Exception {
        server.says(stream("id: 41\n\n")).says(stream("id: 41\n\n" + frame(42))).says(503, "");
        EventFeed feed = server.client().events().feed(EventFilter.all(), listener);
        Thread thread = running(feed);
        await().until(() -> server.requests.size() >= 3);
        feed.close();
        thread.join(10_000);
        assertThat(server.requests.stream()
                        .limit(3)
                        .map(request -> request.header("Last-event-id").orElse("")))
                .containsExactly("", "41", "42");
    }

    @Test
    void goesOnWhereAServerDoesThatHasLostItsLastEvents() throws Exception {
        server.says(stream("id: 1000\n\nevent: gap\ndata: {\"after\":1000,\"before\":951}\n\n"))
                .says(stream("id: 950\n\n" + frame(951)))
                .says(stream("id: 951\n\nevent: gap\ndata: {\"after\":951,\"before\":0}\n\n"))
                .says(401, "");
        EventFeed feed = server.client().events().feed(EventFilter.all().after(1000), listener);
        assertThatThrownBy(feed::run).isInstanceOf(CulvertApiException.class);
        assertThat(server.requests.stream()
                        .map(request -> request.header("Last-event-id").orElse("")))
                .containsExactly("1000", "950", "951", "0");
        assertThat(told)
                .containsExactly(
                        "connected",
                        "gap 1000 951",
                        "disconnected",
                        "connected",
                        "event 951 up",
                        "disconnected",
                        "connected",
                        "gap 951 0",
                        "disconnected");
    }

    /** Between the two the reader is cut off: what is behind the gap comes once, and the gap is not told again. */
    @Test
    void aGapInTheMiddleIsToldOnce() throws Exception {
        server.says(stream(frame(5) + "event: gap\ndata: {\"after\":5,\"before\":9}\n\n"))
                .says(stream("id: 8\n\n" + frame(9)))
                .says(401, "");
        EventFeed feed = server.client().events().feed(EventFilter.all().after(4), listener);
        assertThatThrownBy(feed::run).isInstanceOf(CulvertApiException.class);
        assertThat(server.requests.stream()
                        .map(request -> request.header("Last-event-id").orElse("")))
                .containsExactly("4", "8", "9");
    }

    @Test
    void aRefusalEndsIt() {
        server.says(
                401,
                "{\"type\":\"/docs/problems#unauthorized\",\"title\":\"No\",\"status\":401,\"detail\":\"no good key\",\"errors\":[]}");
        assertThatThrownBy(() -> server.client()
                        .events()
                        .feed(EventFilter.all(), listener)
                        .run())
                .isInstanceOfSatisfying(
                        CulvertApiException.class, e -> assertThat(e.detail()).isEqualTo("no good key"));
        assertThat(told).isEmpty();
    }

    @Test
    void whoIsAskedToSlowDownComesBack() throws Exception {
        server.says(exchange -> {
                    exchange.getResponseHeaders().set("Retry-After", "1");
                    exchange.sendResponseHeaders(429, -1);
                })
                .says(stream(frame(5)));
        EventFeed feed = server.client().events().feed(EventFilter.all(), listener);
        Thread thread = running(feed);
        await().until(() -> told.contains("event 5 up"));
        feed.close();
        thread.join(10_000);
        assertThat(told).startsWith("disconnected", "connected", "event 5 up");
    }

    @ParameterizedTest
    @CsvSource({
        "503,       , PT2S",
        "503, PT0S  , PT2S",
        "503, PT7S  , PT7S",
        "503, PT24H , PT30S",
        "429, PT10M , PT10M",
        "429, PT24H , PT15M"
    })
    void noWaitThatIsAskedForSilencesItForADay(int status, @Nullable Duration asked, Duration waits) {
        Problem problem = new Problem(Problem.UNKNOWN, "closed for repairs", status, "", List.of());
        assertThat(EventFeed.pause(new CulvertApiException(problem, Optional.ofNullable(asked))))
                .isEqualTo(waits);
    }

    @Test
    void whoHasClosedItIsToldOfNoRefusal() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        server.says(exchange -> {
            asked.countDown();
            try {
                over.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            exchange.sendResponseHeaders(503, -1);
        });
        EventFeed feed = server.client().events().feed(EventFilter.all(), listener);
        Thread thread = running(feed);
        assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
        feed.close();
        over.countDown();
        thread.join(10_000);
        assertThat(thread.isAlive()).isFalse();
        assertThat(told).isEmpty();
    }

    @Test
    void linesOfDataAreJoinedByEndsOfLines() throws Exception {
        server.says(stream(frame(5).replace("\"tunnel\":7,", "\"tunnel\":\ndata: 7\ndata: ,")
                        + frame(6).replace("7", "1\ndata:2")))
                .says(401, "");
        EventFeed feed = server.client().events().feed(EventFilter.all(), listener);
        assertThatThrownBy(feed::run).isInstanceOf(CulvertApiException.class);
        assertThat(told).as("1 and 2 are not 12").containsExactly("connected", "event 5 up", "disconnected");
    }

    @Test
    void anEventOfManyLinesIsBounded() throws Exception {
        String line = "data:" + "x".repeat(1 << 16) + "\n";
        CountDownLatch cut = new CountDownLatch(1);
        server.says(exchange -> {
                    exchange.sendResponseHeaders(200, 0);
                    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
                    try {
                        // 256 MiB, and no end of the event.
                        for (int i = 0; i < 4_096; i++) {
                            exchange.getResponseBody().write(bytes);
                        }
                    } catch (IOException e) {
                        cut.countDown();
                    }
                })
                .says(401, "");
        EventFeed feed = server.client().events().feed(EventFilter.all(), listener);
        assertThatThrownBy(feed::run).isInstanceOf(CulvertApiException.class);
        assertThat(told).containsExactly("connected", "disconnected");
        assertThat(cut.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void nobodyThereIsTriedAgainUntilItIsClosed() throws Exception {
        CulvertClient client = server.client();
        server.says(200, "");
        server.close();
        EventFeed feed = client.events().feed(EventFilter.all(), listener);
        Thread thread = running(feed);
        await().until(() -> told.contains("disconnected"));
        feed.close();
        thread.join(10_000);
        assertThat(thread.isAlive()).isFalse();
    }
}
