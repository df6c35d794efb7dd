package io.culvert.app.remote;

import io.culvert.app.process.Humane;
import io.culvert.app.process.Terminal;
import io.culvert.client.Expose;
import io.culvert.client.Lease;
import io.culvert.client.Policies;
import io.culvert.client.Protocol;
import io.culvert.client.State;
import io.culvert.client.Tunnel;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Tunnels as people read them. Immutable, any thread. */
final class TunnelText {
    private final String host;
    private final Instant now;

    /**
     * A way to show tunnels.
     *
     * @param host where visitors find the server
     * @param now what countdowns count from
     */
    TunnelText(String host, Instant now) {
        this.host = host;
        this.now = now;
    }

    /** {@code 7 (lab-ssh)}. */
    static String called(Tunnel tunnel) {
        return tunnel.id()
                + tunnel.name().map(name -> " (" + Humane.plain(name) + ")").orElse("");
    }

    /** A line for each expose; the first tells of the tunnel, too. */
    Table list(List<Tunnel> tunnels) {
        Table table =
                new Table(">ID", "NAME", "STATE", "ADDRESS", "TARGET", "LEASE", ">VISITORS", ">IN", ">OUT", "REASON");
        for (Tunnel tunnel : tunnels) {
            boolean first = true;
            for (Expose expose : tunnel.exposes()) {
                if (first) {
                    table.row(
                            tunnel.id(),
                            tunnel.name().orElse("-"),
                            tunnel.state(),
                            address(expose),
                            expose.target(),
                            lease(tunnel),
                            tunnel.traffic().visitors(),
                            Humane.bytes(tunnel.traffic().bytesIn()),
                            Humane.bytes(tunnel.traffic().bytesOut()),
                            Humane.said(tunnel.reason()));
                } else {
                    table.row("", "", "", address(expose), expose.target());
                }
                first = false;
            }
        }
        return table;
    }

    /** Where visitors go. */
    String address(Expose expose) {
        String at = expose.bind()
                .filter(bind -> !List.of("0.0.0.0", "::").contains(bind))
                .orElse(host);
        return (expose.protocol() == Protocol.UDP ? "udp://" : "") + (at.contains(":") ? "[" + at + "]" : at) + ":"
                + expose.port();
    }

    /** What is left of a lease. */
    String lease(Tunnel tunnel) {
        if (tunnel.state() == State.ENDED) {
            return "ended";
        }
        Optional<Instant> end = Stream.of(tunnel.deadline(), tunnel.endsAt())
                .flatMap(Optional::stream)
                .min(Instant::compareTo);
        if (end.isPresent() && end.get().isBefore(now)) {
            return "over";
        }
        boolean kept = tunnel.lease().renewedBySession() && tunnel.deadline().isEmpty();
        return end.map(at -> Humane.until(at, now))
                .orElse(kept && tunnel.lease().ttl().isPresent() ? "kept by its agent" : "no end");
    }

    /** Everything about one, a line for each thing. */
    List<String> whole(Tunnel tunnel, Terminal terminal) {
        List<String> lines = new ArrayList<>();
        lines.add("tunnel " + called(tunnel) + ": " + Paint.state(tunnel.state().toString(), terminal) + ", "
                + Humane.said(tunnel.reason()));
        tunnel.exposes()
                .forEach(expose -> line(
                        lines,
                        "address",
                        address(expose) + " leads to " + Humane.plain(expose.target())
                                + expose.pool()
                                        .map(pool -> ", from pool " + Humane.plain(pool))
                                        .orElse("")));
        lease(tunnel, lines);
        policies(tunnel.policies()).forEach((name, text) -> line(lines, name, text));
        line(
                lines,
                "agents",
                tunnel.traffic().sessions() + " connected; they come to "
                        + (host.contains(":") ? "[" + host + "]" : host) + ":" + tunnel.agentPort());
        tunnel.bridge()
                .ifPresent(bridge -> line(
                        lines,
                        "goproxy",
                        "bridge port " + bridge.port() + (bridge.tls() ? ", TLS" : ", bare TCP")
                                + (bridge.compress() ? ", compressed" : "")));
        Tunnel.Traffic traffic = tunnel.traffic();
        line(
                lines,
                "traffic",
                traffic.visitors() + " visitors now, " + traffic.connections() + " in all, " + traffic.refused()
                        + " refused; " + Humane.bytes(traffic.bytesIn()) + " in, " + Humane.bytes(traffic.bytesOut())
                        + " out"
                        + (traffic.datagramsDropped() == 0
                                ? ""
                                : "; " + traffic.datagramsDropped() + " datagrams dropped"));
        if (!tunnel.labels().isEmpty()) {
            line(lines, "labels", labels(tunnel.labels()));
        }
        if (!tunnel.comment().isEmpty()) {
            line(lines, "comment", Humane.plain(tunnel.comment()));
        }
        line(
                lines,
                "created",
                Humane.moment(tunnel.createdAt()) + " by " + Humane.plain(tunnel.owner()) + ", version "
                        + tunnel.version());
        boolean first = true;
        for (Tunnel.Transition transition : tunnel.transitions()) {
            line(
                    lines,
                    first ? "states" : "",
                    Humane.moment(transition.since()) + "  " + transition.state() + ", "
                            + Humane.said(transition.reason()));
            first = false;
        }
        return lines;
    }

    private static void line(List<String> lines, String name, String text) {
        lines.add(String.format("  %-10s %s", name, text));
    }

    private void lease(Tunnel tunnel, List<String> lines) {
        if (tunnel.state() != State.ENDED) {
            tunnel.deadline()
                    .ifPresent(end -> line(
                            lines,
                            "lease",
                            Humane.until(end, now) + " left of "
                                    + tunnel.lease().ttl().map(Humane::time).orElse("?")
                                    + ", since the last renewal at " + Humane.moment(tunnel.lastRenewal())));
            if (tunnel.deadline().isEmpty()) {
                line(
                        lines,
                        "lease",
                        lease(tunnel)
                                + tunnel.lease()
                                        .ttl()
                                        .map(ttl -> "; ttl " + Humane.time(ttl))
                                        .orElse(""));
            }
            tunnel.endsAt()
                    .ifPresent(end -> line(
                            lines,
                            "ends",
                            "at " + Humane.moment(end) + ", in " + Humane.until(end, now) + ", whatever renews it"));
        }
        String terms = terms(tunnel.lease());
        if (!terms.isEmpty()) {
            line(lines, "terms", terms);
        }
    }

    private static String terms(Lease lease) {
        List<String> terms = new ArrayList<>();
        lease.grace().ifPresent(grace -> terms.add("grace " + Humane.time(grace)));
        lease.maxLifetime().ifPresent(most -> terms.add("lives " + Humane.time(most) + " at most"));
        lease.drain().ifPresent(drain -> terms.add("drains for " + Humane.time(drain)));
        if (lease.renewedBySession()) {
            terms.add("renewed by its agent");
        }
        if (!lease.warnBefore().isEmpty()) {
            terms.add("warns before: "
                    + lease.warnBefore().stream().map(Humane::time).collect(Collectors.joining(", ")));
        }
        return String.join("; ", terms);
    }

    private static Map<String, String> policies(Policies policies) {
        List<String> visitors = new ArrayList<>();
        if (!policies.allow().isEmpty()) {
            visitors.add("only from " + String.join(", ", policies.allow()));
        }
        if (!policies.deny().isEmpty()) {
            visitors.add("not from " + String.join(", ", policies.deny()));
        }
        policies.connections().most().ifPresent(n -> visitors.add("at most " + n));
        policies.connections().mostPerAddress().ifPresent(n -> visitors.add("at most " + n + " from an address"));
        policies.connections().newPerSecond().ifPresent(n -> visitors.add("at most " + n + " new each second"));
        policies.idle().map(Humane::time).ifPresent(time -> visitors.add("idle for " + time + " at most"));
        policies.longest().map(Humane::time).ifPresent(time -> visitors.add("connected for " + time + " at most"));
        List<String> bytes = new ArrayList<>();
        Policies.BytesPerSecond rates = policies.bytesPerSecond();
        rates.in().ifPresent(n -> bytes.add(Humane.bytes(n) + "/s in"));
        rates.out().ifPresent(n -> bytes.add(Humane.bytes(n) + "/s out"));
        rates.connectionIn().ifPresent(n -> bytes.add(Humane.bytes(n) + "/s in for each visitor"));
        rates.connectionOut().ifPresent(n -> bytes.add(Humane.bytes(n) + "/s out for each visitor"));
        policies.volumeBytes().ifPresent(n -> bytes.add(Humane.bytes(n) + " in all"));
        Map<String, String> lines = new TreeMap<>(Comparator.reverseOrder());
        if (!visitors.isEmpty()) {
            lines.put("visitors", String.join("; ", visitors));
        }
        if (!bytes.isEmpty()) {
            lines.put("bytes", "at most " + String.join(", ", bytes));
        }
        if (!policies.proxyProtocol().equals("none")) {
            lines.put("proxy", "targets get a PROXY header, " + policies.proxyProtocol());
        }
        return lines;
    }

    static String labels(Map<String, String> labels) {
        return new TreeMap<>(labels)
                .entrySet().stream()
                        .map(label -> label.getKey() + "=" + Humane.plain(label.getValue()))
                        .collect(Collectors.joining(" "));
    }
}
