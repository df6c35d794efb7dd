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

    private static final Option<String> TUNNEL = Option.of(
            "tunnel",
            Values.NAME,
            "A tunnel, by name or number, that leads to 'culvert bench --serve'; else one is made for the time.");
    private static final Option<Address> DIRECT = Option.of(
            "direct", ValueType.REMOTE, "The same target without the tunnel, where it can be reached from here.");
    private static final Option<Address> SERVE =
            Option.of("serve", ValueType.LISTEN, "Be the target, on this address until Ctrl-C, and measure nothing.");
    private static final Option<Integer> SECONDS =
            Option.of("seconds", Values.SECONDS, "For each of the four measurements, of each way; 3 unless said.");
    private static final Option<Integer> STREAMS =
            Option.of("streams", Values.STREAMS, "Connections at once; 1 unless said.");

    private BenchVerb() {}

    static Verb verb() {
        return new Verb(
                "bench",
                "Measure what a tunnel carries: bytes each way, how long a byte takes there and back, and new connections,"
                        + " beside the same without the tunnel.",
                "",
                "",
                List.of(TUNNEL, DIRECT, SERVE, SECONDS, STREAMS),
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
        Duration time = Duration.ofSeconds(call.words().find(SECONDS).orElse(3));
        int streams = call.words().find(STREAMS).orElse(1);
        if (call.words().has(SERVE)) {
            // No server is asked; what is wrong is told all the same.
            ClientConfig unused =
                    ClientConfig.read(call.words().flags(), call.console().environment());
            return serve(call, serve.orElseThrow());
        }
        Call.Remote remote = call.remote();
        if (tunnel.isPresent()) {
            Address there = address(remote, tunnel.get());
            show(
                    call,
                    new BenchPath(there, time, streams),
                    direct.map(address -> new BenchPath(address, time, streams)));
        } else {
            byOwnTunnel(call, remote, direct, time, streams);
        }
        return ExitCode.OK;
    }

    private static int serve(Call call, Address address) throws IOException {
        try (BenchTarget target = BenchTarget.start(new InetSocketAddress(address.host(), address.port()))) {
            call.output()
                    .line("target of 'culvert bench' on "
                            + address.withPort(target.address().getPort()) + "; Ctrl-C ends it");
            call.output().flush();
            // Only a signal ends it.
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return ExitCode.OK;
    }

    /** Where visitors of the tunnel come in. */
    private static Address address(Call.Remote remote, String word) throws IOException, CommandFailure {
        Tunnel tunnel = remote.client().tunnels().get(new Lookup(remote.client().tunnels()).id(word));
        return tunnel.exposes().stream()
                .filter(expose -> expose.protocol() == Protocol.TCP)
                .findFirst()
                .map(expose -> new Address(remote.host(), expose.port()))
                .orElseThrow(() -> new CommandFailure(
                        ExitCode.REFUSED,
                        "tunnel '" + word + "' has no TCP port (expected: one that leads to a target of"
                                + " 'culvert bench --serve')"));
    }

    @SuppressWarnings("try") // the agent serves while the visitors measure
    private static void byOwnTunnel(Call call, Call.Remote remote, Optional<Address> direct, Duration time, int streams)
            throws IOException, CommandFailure {
        try (BenchTarget target = BenchTarget.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            Address inside = new Address("127.0.0.1", target.address().getPort());
            CreatedTunnel created = create(remote, inside, time);
            long id = created.tunnel().id();
            CompletableFuture<Long> connected = new CompletableFuture<>();
            AgentSettings settings = AgentSettings.of(
                            agents(remote, created),
                            JoinToken.parse(created.join().orElseThrow()))
                    .allowing(Set.of(new io.culvert.agent.Address(inside.host(), inside.port())));
            try (Agent agent = Agent.start(settings, new Events(connected))) {
                await(connected);
                Address there = new Address(
                        remote.host(), created.tunnel().exposes().get(0).port());
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
        // Both ways, with as much again for connecting: should this process die, the tunnel ends by itself.
        Duration lease = time.multipliedBy(4L * MEASUREMENTS).plus(PATIENCE);
        return remote.client()
                .tunnels()
                .create(NewTunnel.builder()
                        .expose(Expose.tcp(inside.toString()))
                        .comment("culvert bench")
                        .lease(LeaseSettings.ttl(lease))
                        .build());
    }

    private static io.culvert.agent.Address agents(Call.Remote remote, CreatedTunnel created) {
        return new io.culvert.agent.Address(remote.host(), created.tunnel().agentPort());
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

    private static void show(Call call, BenchPath tunnel, Optional<BenchPath> direct) throws IOException {
        call.output()
                .note("measuring " + tunnel.target()
                        + direct.map(way -> " beside " + way.target()).orElse("") + " ...");
        List<Row> rows = new ArrayList<>();
        rows.add(row("up", "up", "Mbit/s", tunnel, direct, way -> way.up() / 1e6));
        rows.add(row("down", "down", "Mbit/s", tunnel, direct, way -> way.down() / 1e6));
        BenchPath.Echo echo = tunnel.echo();
        Optional<BenchPath.Echo> plain =
                direct.isPresent() ? Optional.of(direct.get().echo()) : Optional.empty();
        rows.add(new Row(
                "echo_p50",
                "there and back, half within",
                "us",
                micros(echo.half()),
                plain.map(each -> micros(each.half()))));
        rows.add(new Row(
                "echo_p99",
                "there and back, 99 % within",
                "us",
                micros(echo.most()),
                plain.map(each -> micros(each.most()))));
        rows.add(row("connections", "new connections", "a second", tunnel, direct, BenchPath::connections));
        if (!call.output().forPeople()) {
            call.output()
                    .document(rows.stream()
                            .map(Row::json)
                            .collect(Collectors.joining(
                                    ",",
                                    "{\"target\":\"" + tunnel.target() + "\",\"streams\":" + tunnel.streams()
                                            + ",\"seconds\":" + tunnel.time().toSeconds() + ",\"measured\":[",
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

    /** What is measured of a way. */
    private interface Measure {
        double of(BenchPath way) throws IOException;
    }

    /** The way without the tunnel first: it warms up what both use. */
    private static Row row(
            String name, String label, String unit, BenchPath tunnel, Optional<BenchPath> direct, Measure measure)
            throws IOException {
        Optional<Double> plain = direct.isPresent() ? Optional.of(measure.of(direct.get())) : Optional.empty();
        return new Row(name, label, unit, measure.of(tunnel), plain);
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
