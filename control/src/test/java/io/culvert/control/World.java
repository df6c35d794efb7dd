package io.culvert.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.culvert.control.caller.Quotas;
import io.culvert.control.event.Event;
import io.culvert.control.event.EventKind;
import io.culvert.control.event.EventLog;
import io.culvert.control.sql.SqlTunnelStore;
import java.net.InetAddress;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** A whole control plane on a real database and real sockets, with clocks moved by hand. One test thread. */
final class World implements AutoCloseable {
    static final Caller TESTER = Caller.trusted("tester");
    static final Duration MINUTE = Duration.ofMinutes(1);

    final Path data;
    final HandClock clock;
    final SocketDataPlane plane;
    final SqlTunnelStore store;
    final EventLog events = new EventLog(10_000);
    final TunnelService service;
    /** Those that are there. */
    final Map<String, Quotas> projects = new ConcurrentHashMap<>(Map.of(Projects.DEFAULT, Quotas.NONE));

    private final ControlSettings settings;

    /** A new world, started. */
    World(Path data) {
        this(data, new HandClock(), SocketDataPlane.freshAddress(), ControlSettings.defaults());
        service.start();
    }

    World(Path data, HandClock clock, InetAddress address, ControlSettings settings) {
        this(data, clock, address, settings, SqlTunnelStore.open(data));
    }

    World(Path data, HandClock clock, InetAddress address, ControlSettings settings, SqlTunnelStore store) {
        this.data = data;
        this.settings = settings;
        this.clock = clock;
        this.plane = new SocketDataPlane(address);
        this.plane.clock = clock;
        this.store = store;
        this.service = new TunnelService(
                plane, store, clock, clock, settings, events, name -> Optional.ofNullable(projects.get(name)));
    }

    /** Ends this one, and opens another on the same data, addresses and time that is not started yet. */
    World next() {
        close();
        return new World(data, clock, plane.address, settings);
    }

    static CreateTunnel request(Duration ttl, int... ports) {
        return new CreateTunnel(
                Arrays.stream(ports)
                        .mapToObj(port -> new Expose("127.0.0.1", 22, port))
                        .toList(),
                "a comment",
                ttl);
    }

    CreatedTunnel create(Duration ttl, int... ports) {
        return get(service.create(TESTER, request(ttl, ports)));
    }

    Throwable refused(CompletionStage<?> stage) {
        Throwable thrown = catchThrowable(() ->
                stage.toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join());
        assertThat(thrown).isInstanceOf(CompletionException.class);
        return Objects.requireNonNull(thrown.getCause());
    }

    /** Lets time pass, and returns when the control thread has seen it. */
    void pass(Duration time) {
        clock.move(time);
        nudge();
    }

    /** Returns when the control thread has done what was due before this call. */
    void nudge() {
        // A change for nothing: quick commands and urgent duties stand before it.
        assertThat(refused(service.remove(TESTER, Long.MAX_VALUE))).isInstanceOf(NoSuchTunnelException.class);
    }

    /** An agent comes. */
    void agentUp(long id, String name, int sessions) {
        Objects.requireNonNull(plane.events).agentUp(id, name, sessions);
        nudge();
    }

    /** An agent leaves. */
    void agentDown(long id, String name, String why, int sessions) {
        Objects.requireNonNull(plane.events).agentDown(id, name, why, sessions);
        nudge();
    }

    /** What a tunnel carries and has carried; nothing where there is none. */
    Traffic traffic(long id) {
        return service.findAny(TESTER, id).map(service::traffic).orElse(Traffic.NONE);
    }

    /** The state that readers see, living or ended. */
    Transition status(long id) {
        return service.findAny(World.TESTER, id).orElseThrow().status();
    }

    /** The kinds of a tunnel's events so far, renewals left out. */
    List<EventKind> kinds(long id) {
        try (EventLog.Subscription all = events.subscribe(0, event -> {})) {
            return all.missed().stream()
                    .filter(event -> event.tunnel().orElse(-1) == id && event.kind() != EventKind.RENEWED)
                    .map(Event::kind)
                    .toList();
        }
    }

    static <T> T get(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
    }

    /** Ids in the database, read past the store. */
    List<Long> storedIds() {
        List<Long> ids = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + data.resolve("culvert.db"));
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT id FROM tunnel ORDER BY id")) {
            while (rows.next()) {
                ids.add(rows.getLong(1));
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return ids;
    }

    @Override
    public void close() {
        service.close();
        plane.close();
    }
}
