package io.culvert.app.remote;

import io.culvert.agent.Agent;
import io.culvert.agent.AgentEnd;
import io.culvert.agent.AgentListener;
import io.culvert.agent.AgentSettings;
import io.culvert.app.config.Address;
import io.culvert.app.config.ClientConfig;
import io.culvert.app.config.ConfigException;
import io.culvert.app.config.ValueType;
import io.culvert.app.measure.BenchPath;
import io.culvert.app.measure.BenchTarget;
import io.culvert.app.process.CommandFailure;
import io.culvert.app.process.ExitCode;
import io.culvert.app.process.Reasons;
import io.culvert.client.CreatedTunnel;
import io.culvert.client.CulvertApiException;
import io.culvert.client.Expose;
import io.culvert.client.LeaseSettings;
import io.culvert.client.NewTunnel;
import io.culvert.client.Protocol;
import io.culvert.client.Tunnel;
import io.culvert.link.agent.JoinToken;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/**
 * {@code culvert bench}: what a tunnel carries, beside what the way without it carries. With no tunnel named it makes one for the time, and is its
 * agent, its target and its visitor, so that the server and both ways to it are measured. Any thread.
 */
final class BenchVerb {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int MEASUREMENTS = 4;

    /** That count; the median of them is told. */
    private static final int ROUNDS = 3;

    private static final Option<String> TUNNEL = Option.of(
            "tunnel",
            Values.NAME,
            "A tunnel, by name or number, that leads to 'culvert bench --serve'; else one is made for the time.");
    private static final Option<Address> DIRECT = Option.of(
            "direct", ValueType.REMOTE, "The same target without the tunnel, where it can be reached from here.");
    private static final Option<Address> SERVE =
            Option.of("serve", ValueType.LISTEN, "Be the target, on this address until Ctrl-C, and measure nothing.");
    private static final Option<Integer> SECONDS = Option.of(
            "seconds",
            Values.SECONDS,
            "For each of four measurements, by each way, in each of four rounds, of which the first does not count;"
                    + " 1 unless said, so that all takes half a minute.");
    private static final Option<Integer> STREAMS =
            Option.of("streams", Values.STREAMS, "Connections at once; 1 unless said.");

    private static final Option<Address> BRIDGE = Option.of(
            "bridge",
            ValueType.REMOTE,
            "The server's address for agents, and its host for visitors, where it is not the API's host and the port that the API names.");

    private BenchVerb() {}

    static Verb verb() {
        return new Verb(
                "bench",
                "Measure what a tunnel carries: bytes each way, how long a byte takes there and back, and new connections,"
                        + " beside the same without the tunnel.",
                "",
                "",
                List.of(TUNNEL, DIRECT, SERVE, SECONDS, STREAMS, BRIDGE),
                List.of(
                        "bench --server http://127.0.0.1:8000 --key-file data/admin.key",
                        "bench --serve 127.0.0.1:5301           (on the inner machine, as a tunnel's target)",
                        "bench --tunnel preview --direct 10.0.0.7:5301 --streams 8"),
                BenchVerb::bench);
    }

    /**
     * One measurement, by the tunnel and without it.
     *
     * @param name as documents call it
     * @param direct empty where there is no way without the tunnel
     */
    private record Row(String name, String label, String unit, double tunnel, Optional<Double> direct) {
        String ratio() {
            return direct.map(value -> String.format(Locale.ROOT, "%.2f", tunnel / value))
                    .orElse("-");
        }

        static String number(double value) {
            return String.format(Locale.ROOT, value >= 100 ? "%.0f" : "%.2f", value);
        }

        String json() {
            return String.format(
                    Locale.ROOT,
                    "{\"name\":\"%s\",\"unit\":\"%s\",\"tunnel\":%s,\"direct\":%s}",
                    name,
                    unit,
                    number(tunnel),
                    direct.map(Row::number).orElse("null"));
        }
    }

    private static int bench(Call call) throws ConfigException, CommandFailure, IOException {
        Optional<String> tunnel = call.words().find(TUNNEL);
        Optional<Address> direct = call.words().find(DIRECT);
        Optional<Address> serve = call.words().find(SERVE);
        Duration time = Duration.ofSeconds(call.words().find(SECONDS).orElse(1));
        int streams = call.words().find(STREAMS).orElse(1);
        Optional<Address> bridge = call.words().find(BRIDGE);
        if (call.words().has(SERVE)) {
            // No server is asked; what is wrong is told all the same.
            ClientConfig unused =
                    ClientConfig.read(call.words().flags(), call.console().environment());
            return serve(call, serve.orElseThrow());
        }
        Call.Remote remote = call.remote();
        if (tunnel.isPresent()) {
            Address there = address(remote, bridge, tunnel.get());
            show(
                    call,
                    new BenchPath(there, time, streams),
                    direct.map(address -> new BenchPath(address, time, streams)));
        } else {
            byOwnTunnel(call, remote, bridge, direct, time, streams);
        }
        return ExitCode.OK;
    }

    private static int serve(Call call, Address address) throws CommandFailure {
        try (BenchTarget target = BenchTarget.start(new InetSocketAddress(address.host(), address.port()))) {
            call.output()
                    .line("target of 'culvert bench' on "
                            + address.withPort(target.address().getPort()) + "; Ctrl-C ends it");
            call.output().flush();
            // Only a signal ends it.
            new CountDownLatch(1).await();
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.FAILURE, "serve " + address + ": " + Reasons.of(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return ExitCode.OK;
    }

    /** The API may be found by another name than visitors' ports, as by {@code ssh -L}. */
    private static String host(Call.Remote remote, Optional<Address> bridge) {
        return bridge.map(Address::host).orElseGet(remote::host);
    }

    /** Where visitors of the tunnel come in. */
    private static Address address(Call.Remote remote, Optional<Address> bridge, String word)
            throws IOException, CommandFailure {
        Tunnel tunnel = remote.client().tunnels().get(new Lookup(remote.client().tunnels()).id(word));
        return tunnel.exposes().stream()
                .filter(expose -> expose.protocol() == Protocol.TCP)
                .findFirst()
                .map(expose -> new Address(host(remote, bridge), expose.port()))
                .orElseThrow(() -> new CommandFailure(
                        ExitCode.REFUSED,
                        "tunnel '" + word + "' has no TCP port (expected: one that leads to a target of"
                                + " 'culvert bench --serve')"));
    }

    @SuppressWarnings("try") // the agent serves while the visitors measure
    private static void byOwnTunnel(
            Call call,
            Call.Remote remote,
            Optional<Address> bridge,
            Optional<Address> direct,
            Duration time,
            int streams)
            throws IOException, CommandFailure {
        try (BenchTarget target = BenchTarget.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            Address inside = new Address("127.0.0.1", target.address().getPort());
            CreatedTunnel created = create(remote, inside, time);
            long id = created.tunnel().id();
            CompletableFuture<Long> connected = new CompletableFuture<>();
            AgentSettings settings = AgentSettings.of(
                            agents(remote, bridge, created),
                            JoinToken.parse(created.join().orElseThrow()))
                    .allowing(Set.of(new io.culvert.agent.Address(inside.host(), inside.port())));
            try (Agent agent = Agent.start(settings, new Events(connected))) {
                await(connected);
                Address there = new Address(
                        host(remote, bridge), created.tunnel().exposes().get(0).port());
                show(
                        call,
                        new BenchPath(there, time, streams),
                        Optional.of(new BenchPath(direct.orElse(inside), time, streams)));
            } finally {
                delete(call, remote, id);
            }
        }
    }

    private static CreatedTunnel create(Call.Remote remote, Address inside, Duration time) throws IOException {
        // All rounds, with as much again for connecting: should this process die, the tunnel ends by itself.
        Duration lease = whole(time, 2).multipliedBy(2).plus(PATIENCE);
        return remote.client()
                .tunnels()
                .create(NewTunnel.builder()
                        .expose(Expose.tcp(inside.toString()))
                        .comment("culvert bench")
                        .lease(LeaseSettings.ttl(lease))
                        .build());
    }

    private static io.culvert.agent.Address agents(
            Call.Remote remote, Optional<Address> bridge, CreatedTunnel created) {
        return bridge.map(address -> new io.culvert.agent.Address(address.host(), address.port()))
                .orElseGet(() -> new io.culvert.agent.Address(
                        remote.host(), created.tunnel().agentPort()));
    }

    /** How long all rounds take by so many ways. */
    private static Duration whole(Duration time, int ways) {
        return time.multipliedBy((long) ways * MEASUREMENTS * (ROUNDS + 1));
    }

    private static void await(CompletableFuture<Long> connected) throws CommandFailure {
        try {
            long unused = connected.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new CommandFailure(
                    ExitCode.REFUSED,
                    "the tunnel has ended: " + Reasons.of(Objects.requireNonNullElse(e.getCause(), e)),
                    e);
        } catch (TimeoutException e) {
            throw new CommandFailure(
                    ExitCode.FAILURE, "the tunnel's agent did not connect within " + PATIENCE.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure(ExitCode.FAILURE, "interrupted", e);
        }
    }

    private static void delete(Call call, Call.Remote remote, long id) {
        try {
            remote.client().tunnels().delete(id);
        } catch (CulvertApiException | IOException e) {
            call.output().note("tunnel " + id + " could not be removed (" + Reasons.of(e) + "); it ends by itself");
        }
    }

    private static void show(Call call, BenchPath tunnel, Optional<BenchPath> direct) throws CommandFailure {
        call.output()
                .note("measuring " + tunnel.target()
                        + direct.map(way -> " beside " + way.target()).orElse("") + ", for "
                        + whole(tunnel.time(), direct.isPresent() ? 2 : 1).toSeconds() + " s ...");
        List<Row> rows = new ArrayList<>();
        rows.addAll(rows(tunnel, direct, way -> List.of(way.up() / 1e6), List.of(new Figure("up", "up", "Mbit/s"))));
        rows.addAll(
                rows(tunnel, direct, way -> List.of(way.down() / 1e6), List.of(new Figure("down", "down", "Mbit/s"))));
        rows.addAll(rows(
                tunnel,
                direct,
                way -> {
                    BenchPath.Echo echo = way.echo();
                    return List.of(micros(echo.half()), micros(echo.most()));
                },
                List.of(
                        new Figure("echo_p50", "there and back, half within", "us"),
                        new Figure("echo_p99", "there and back, 99 % within", "us"))));
        rows.addAll(rows(
                tunnel,
                direct,
                way -> List.of(way.connections()),
                List.of(new Figure("connections", "new connections", "a second"))));
        if (!call.output().forPeople()) {
            call.output()
                    .document(rows.stream()
                            .map(Row::json)
                            .collect(Collectors.joining(
                                    ",",
                                    "{\"target\":\"" + tunnel.target() + "\",\"streams\":" + tunnel.streams()
                                            + ",\"seconds\":" + tunnel.time().toSeconds() + ",\"rounds\":" + ROUNDS
                                            + ",\"measured\":[",
                                    "]}")));
            return;
        }
        Table table = new Table("MEASURED", "UNIT", ">TUNNEL", ">DIRECT", ">TUNNEL/DIRECT");
        for (Row each : rows) {
            table.row(
                    each.label(),
                    each.unit(),
                    Row.number(each.tunnel()),
                    each.direct().map(Row::number).orElse("-"),
                    each.ratio());
        }
        call.output().table(table, "");
    }

    /** What a figure is called by documents, and by people. */
    private record Figure(String name, String label, String unit) {}

    /** What is measured of a way, a number for each figure. */
    private interface Measure {
        List<Double> of(BenchPath way) throws IOException;
    }

    /**
     * One round by both ways that does not count, since much is slow when it is done first, and three that do: a machine is now quicker and now slower, and
     * so are both ways where they take turns, also at who goes first.
     */
    private static List<Row> rows(BenchPath tunnel, Optional<BenchPath> direct, Measure measure, List<Figure> figures)
            throws CommandFailure {
        List<List<Double>> through = new ArrayList<>();
        List<List<Double>> beside = new ArrayList<>();
        for (int round = 0; round <= ROUNDS; round++) {
            boolean directFirst = round % 2 == 0;
            if (!directFirst) {
                through.add(measured(measure, tunnel));
            }
            if (direct.isPresent()) {
                beside.add(measured(measure, direct.get()));
            }
            if (directFirst) {
                through.add(measured(measure, tunnel));
            }
        }
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < figures.size(); i++) {
            Figure figure = figures.get(i);
            Optional<Double> plain = direct.isPresent() ? Optional.of(median(beside, i)) : Optional.empty();
            rows.add(new Row(figure.name(), figure.label(), figure.unit(), median(through, i), plain));
        }
        return rows;
    }

    /** Whoever does not answer there is not the server, which was asked by another address. */
    private static List<Double> measured(Measure measure, BenchPath way) throws CommandFailure {
        try {
            return measure.of(way);
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.FAILURE, way.target() + ": " + Reasons.of(e), e);
        }
    }

    private static double median(List<List<Double>> rounds, int figure) {
        return rounds.stream()
                .skip(1)
                .map(round -> round.get(figure))
                .sorted()
                .skip(ROUNDS / 2)
                .findFirst()
                .orElseThrow();
    }

    private static double micros(Duration time) {
        return time.toNanos() / 1e3;
    }

    /** What the agent tells. Called on its loops. */
    private record Events(CompletableFuture<Long> connected) implements AgentListener {
        @Override
        public void connected(int session, long epoch) {
            connected.complete(epoch);
        }

        @Override
        public void disconnected(int session, String why, Duration retryIn) {
            // It tries again by itself; the command only waits so long.
        }

        @Override
        public void ended(AgentEnd end, String why) {
            connected.completeExceptionally(new IllegalStateException(why));
        }
    }
}
