package io.culvert.app.remote;

import io.culvert.app.config.ConfigException;
import io.culvert.app.config.ValueType;
import io.culvert.app.process.CommandFailure;
import io.culvert.app.process.ExitCode;
import io.culvert.app.process.Humane;
import io.culvert.client.Expose;
import io.culvert.client.Pool;
import io.culvert.client.Port;
import io.culvert.client.Protocol;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** {@code culvert port}: public ports as a resource. Any thread. */
final class PortVerbs {
    private static final Option<Integer> PORT =
            Option.of("port", ValueType.PORT, "Which one; without: a free one of the pool.");
    private static final Option<Boolean> UDP = Option.of("udp", ValueType.SWITCH, "A UDP port.");
    private static final Option<String> POOL =
            Option.of("pool", Values.NAME, "The pool that a free one is picked from; see 'culvert port pools'.");

    private PortVerbs() {}

    static List<Verb> all() {
        return List.of(
                new Verb(
                        "list",
                        "List the ports that are not free for everybody: who holds them, whom they are kept for, which rest.",
                        "",
                        "",
                        List.of(),
                        List.of("port list"),
                        PortVerbs::list),
                new Verb(
                        "reserve",
                        "Keep a port for tunnels of a name, until it is released.",
                        "NAME",
                        "The name that a tunnel needs to get the port.",
                        List.of(PORT, UDP, POOL),
                        List.of("port reserve lab-ssh", "port reserve lab-dns --udp --port 5353"),
                        PortVerbs::reserve),
                new Verb(
                        "release",
                        "Take reservations back, or end the rest of ports. A tunnel that has the port keeps it.",
                        "PORT...",
                        "PORT, tcp/PORT or udp/PORT.",
                        List.of(),
                        List.of("port release 20011 udp/5353"),
                        PortVerbs::release),
                new Verb(
                        "pools",
                        "List the pools that free ports are picked from; the default comes first.",
                        "",
                        "",
                        List.of(),
                        List.of("port pools"),
                        PortVerbs::pools));
    }

    private static int list(Call call) throws ConfigException, CommandFailure, IOException {
        Call.Remote remote = call.remote();
        List<Port> ports = remote.client().ports().list();
        if (!call.output().forPeople()) {
            call.output().documents("ports", ports.stream().map(Port::document).toList());
            return ExitCode.OK;
        }
        Table table = new Table("PORT", "USE", "TUNNEL", "KEPT FOR", "UNTIL");
        ports.forEach(port -> table.row(
                name(port.protocol(), port.port()),
                port.use(),
                port.tunnel().map(String::valueOf).orElse("-"),
                port.reservation().orElse("-"),
                port.until()
                        .map(until -> Humane.moment(until) + ", in " + Humane.until(until, Instant.now()))
                        .orElse("-")));
        call.output().table(table, "every port is free");
        return ExitCode.OK;
    }

    private static int reserve(Call call) throws ConfigException, CommandFailure, IOException {
        Words words = call.words();
        String name = words.only("NAME");
        int port = words.find(PORT).orElse(0);
        Protocol protocol = words.on(UDP) ? Protocol.UDP : Protocol.TCP;
        Optional<String> pool = words.find(POOL);
        Call.Remote remote = call.remote();
        Port kept = remote.client().ports().reserve(name, protocol, port, pool);
        if (call.output().forPeople()) {
            call.output().line(name(kept.protocol(), kept.port()) + " is kept for " + Humane.plain(name));
        } else {
            call.output().document(kept.document());
        }
        return ExitCode.OK;
    }

    private static int release(Call call) throws ConfigException, CommandFailure, IOException {
        List<String> wanted = call.words().some("PORT");
        wanted.forEach(text -> call.words().read("PORT", Values.PUBLIC_PORT, text));
        Call.Remote remote = call.remote();
        return new Several(call.output()).each(wanted, text -> {
            Expose port = Values.PUBLIC_PORT.reader().apply(text).orElseThrow();
            remote.client().ports().release(port.protocol(), port.port());
            if (call.output().forPeople()) {
                call.output().line(name(port.protocol(), port.port()) + " is free");
            }
        });
    }

    private static int pools(Call call) throws ConfigException, CommandFailure, IOException {
        Call.Remote remote = call.remote();
        List<Pool> pools = remote.client().ports().pools();
        if (!call.output().forPeople()) {
            call.output().documents("pools", pools.stream().map(Pool::document).toList());
            return ExitCode.OK;
        }
        Table table = new Table("POOL", "PORTS", ">USED", ">RESERVED", ">AT REST");
        pools.forEach(pool -> table.row(
                pool.name(),
                pool.from() == 0 ? "any free one" : pool.from() + "-" + pool.to(),
                pool.used(),
                pool.reserved(),
                pool.quarantined()));
        call.output().table(table, "no pools");
        return ExitCode.OK;
    }

    private static String name(Protocol protocol, int port) {
        return protocol + "/" + port;
    }
}
