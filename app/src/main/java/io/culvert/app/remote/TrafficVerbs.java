package io.culvert.app.remote;

import io.culvert.app.config.ConfigException;
import io.culvert.app.config.ValueType;
import io.culvert.app.process.CommandFailure;
import io.culvert.app.process.ExitCode;
import io.culvert.app.process.Humane;
import io.culvert.client.Connection;
import io.culvert.client.Probe;
import io.culvert.client.Protocol;
import io.culvert.client.Session;
import io.culvert.client.Traffic;
import io.culvert.client.Usage;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Who is connected to a tunnel, what it carried, and where its way is broken. Any thread. */
final class TrafficVerbs {
    private static final Option<Integer> EXPOSE =
            Option.of("expose", Values.INDEX, "Which of its ports, from 0; the first unless said.");
    private static final Option<Boolean> ALL = Option.of("all", ValueType.SWITCH, "Every one of them.");
    private static final Option<String> BY = Option.word("by", "How fine; hour unless said.", "minute", "hour", "day");
    private static final Option<Instant> FROM =
            Option.of("from", Values.MOMENT, "The first moment; an hour, a day or 30 days ago unless said.");
    private static final Option<Instant> TO =
            Option.of("to", Values.MOMENT, "The moment behind the last; now unless said.");

    private TrafficVerbs() {}

    static List<Verb> all() {
        return List.of(
                new Verb(
                        "connections",
                        "List who is connected: open connections of visitors and UDP flows, oldest first.",
                        "TUNNEL",
                        TunnelVerbs.TUNNEL,
                        List.of(),
                        List.of("tunnel connections preview"),
                        TrafficVerbs::connections),
                new Verb(
                        "cut",
                        "Cut connections of visitors. They see a reset, and may come back.",
                        "TUNNEL CONNECTION...",
                        "The tunnel, and the numbers that 'tunnel connections' shows.",
                        List.of(ALL),
                        List.of("tunnel cut preview 17", "tunnel cut preview --all"),
                        call -> end(call, "connection", TrafficVerbs::connectionIds, Traffic::cut)),
                new Verb(
                        "sessions",
                        "List which agents are there, oldest first.",
                        "TUNNEL",
                        TunnelVerbs.TUNNEL,
                        List.of(),
                        List.of("tunnel sessions preview"),
                        TrafficVerbs::sessions),
                new Verb(
                        "kick",
                        "End sessions of agents, with all they carry. Agents may come back; 'tunnel rotate-token' keeps them out.",
                        "TUNNEL SESSION...",
                        "The tunnel, and the numbers that 'tunnel sessions' shows.",
                        List.of(ALL),
                        List.of("tunnel kick preview 3", "tunnel kick preview --all"),
                        call -> end(call, "session", TrafficVerbs::sessionIds, Traffic::kick)),
                new Verb(
                        "probe",
                        "Walk the way of a visitor and tell what each step says: why is it down? Exit code 1 where a step fails.",
                        "TUNNEL",
                        TunnelVerbs.TUNNEL,
                        List.of(EXPOSE),
                        List.of("tunnel probe preview", "tunnel probe 7 --expose 1"),
                        TrafficVerbs::probe),
                new Verb(
                        "usage",
                        "Show what a tunnel carried, by minute, hour or day.",
                        "TUNNEL",
                        TunnelVerbs.TUNNEL,
                        List.of(BY, FROM, TO),
                        List.of("tunnel usage preview", "tunnel usage preview --by minute --from -10m"),
                        TrafficVerbs::usage));
    }

    private static int connections(Call call) throws ConfigException, CommandFailure, IOException {
        String word = call.words().only("TUNNEL");
        Call.Remote remote = call.remote();
        List<Connection> found = remote.client().traffic().connections(id(remote, word));
        if (!call.output().forPeople()) {
            call.output()
                    .documents(
                            "connections",
                            found.stream().map(Connection::document).toList());
            return ExitCode.OK;
        }
        Instant now = Instant.now();
        Table table = new Table(">ID", "VISITOR", "TARGET", ">SESSION", ">SINCE", ">QUIET", ">IN", ">OUT");
        for (Connection each : found) {
            table.row(
                    each.id(),
                    (each.protocol() == Protocol.UDP ? "udp://" : "") + each.visitor(),
                    each.target(),
                    each.session(),
                    ago(each.since(), now),
                    Humane.time(each.quiet()),
                    Humane.bytes(each.bytesIn()),
                    Humane.bytes(each.bytesOut()));
        }
        call.output().table(table, "no connections");
        return ExitCode.OK;
    }

    private static int sessions(Call call) throws ConfigException, CommandFailure, IOException {
        String word = call.words().only("TUNNEL");
        Call.Remote remote = call.remote();
        List<Session> found = remote.client().traffic().sessions(id(remote, word));
        if (!call.output().forPeople()) {
            call.output()
                    .documents("sessions", found.stream().map(Session::document).toList());
            return ExitCode.OK;
        }
        Instant now = Instant.now();
        Table table = new Table(">ID", "KIND", "AGENT", "ADDRESS", ">EPOCH", ">SINCE", ">ROUND TRIP", ">STREAMS");
        for (Session each : found) {
            table.row(
                    each.id(),
                    each.kind(),
                    each.agent(),
                    each.address(),
                    each.epoch(),
                    ago(each.since(), now),
                    each.roundTrip().map(TrafficVerbs::millis).orElse("-"),
                    each.streams());
        }
        call.output().table(table, "no agents");
        return ExitCode.OK;
    }

    /** All there are. */
    private interface Finder {
        List<Long> ids(Traffic traffic, long tunnel) throws IOException;
    }

    /** Ends one. */
    private interface Ender {
        void end(Traffic traffic, long tunnel, long id) throws IOException;
    }

    private static List<Long> connectionIds(Traffic traffic, long tunnel) throws IOException {
        return traffic.connections(tunnel).stream().map(Connection::id).toList();
    }

    private static List<Long> sessionIds(Traffic traffic, long tunnel) throws IOException {
        return traffic.sessions(tunnel).stream().map(Session::id).toList();
    }

    private static int end(Call call, String what, Finder finder, Ender ender)
            throws ConfigException, CommandFailure, IOException {
        Words words = call.words();
        List<String> operands = words.some("TUNNEL");
        boolean all = words.on(ALL);
        List<Long> ids = new ArrayList<>();
        operands.stream()
                .skip(1)
                .forEach(text -> words.read(what.toUpperCase(Locale.ROOT), Values.NUMBER, text)
                        .ifPresent(ids::add));
        if (all == (operands.size() > 1)) {
            words.fault(what.toUpperCase(Locale.ROOT)
                    + (all
                            ? ": with --all (expected: one of both)"
                            : " is missing (expected: at least one, or --all)"));
        }
        Call.Remote remote = call.remote();
        Traffic traffic = remote.client().traffic();
        long tunnel = id(remote, operands.get(0));
        List<Long> wanted = all ? finder.ids(traffic, tunnel) : ids;
        int code = new Several(call.output())
                .each(wanted.stream().map(String::valueOf).toList(), text -> {
                    ender.end(traffic, tunnel, Long.parseLong(text));
                    if (call.output().forPeople()) {
                        call.output().line(what + " " + text + " is gone");
                    }
                });
        if (wanted.isEmpty()) {
            call.output().note("no " + what + "s");
        }
        return code;
    }

    private static int probe(Call call) throws ConfigException, CommandFailure, IOException {
        String word = call.words().only("TUNNEL");
        int expose = call.words().find(EXPOSE).orElse(0);
        Call.Remote remote = call.remote();
        Probe probe = remote.client().traffic().probe(id(remote, word), expose);
        if (call.output().forPeople()) {
            Table table = new Table("STEP", "OUTCOME", ">TOOK", "");
            probe.steps()
                    .forEach(step -> table.row(
                            step.step(),
                            step.outcome(),
                            step.outcome().equals("skipped") ? "" : millis(step.took()),
                            step.text()));
            call.output().table(table, "no steps");
        } else {
            call.output().document(probe.document());
        }
        return probe.ok() ? ExitCode.OK : ExitCode.FAILURE;
    }

    private static int usage(Call call) throws ConfigException, CommandFailure, IOException {
        String word = call.words().only("TUNNEL");
        Usage.Grain grain =
                Usage.Grain.valueOf(call.words().find(BY).orElse("hour").toUpperCase(Locale.ROOT));
        Optional<Instant> from = call.words().find(FROM);
        Optional<Instant> to = call.words().find(TO);
        Call.Remote remote = call.remote();
        long id = new Lookup(remote.client().tunnels()).any(word).id();
        Usage usage = remote.client().traffic().usage(id, grain, from, to);
        if (!call.output().forPeople()) {
            call.output().document(usage.document());
            return ExitCode.OK;
        }
        Table table = new Table(grain.toString().toUpperCase(Locale.ROOT), ">CONNECTIONS", ">REFUSED", ">IN", ">OUT");
        usage.slots()
                .forEach(slot -> table.row(
                        Humane.moment(slot.start()),
                        slot.connections(),
                        slot.refused(),
                        Humane.bytes(slot.bytesIn()),
                        Humane.bytes(slot.bytesOut())));
        if (usage.slots().size() > 1) {
            table.row(
                    "all",
                    usage.slots().stream().mapToLong(Usage.Slot::connections).sum(),
                    usage.slots().stream().mapToLong(Usage.Slot::refused).sum(),
                    Humane.bytes(usage.slots().stream()
                            .mapToLong(Usage.Slot::bytesIn)
                            .sum()),
                    Humane.bytes(usage.slots().stream()
                            .mapToLong(Usage.Slot::bytesOut)
                            .sum()));
        }
        call.output()
                .table(
                        table,
                        "nothing carried from " + Humane.moment(usage.from()) + " to " + Humane.moment(usage.to()));
        return ExitCode.OK;
    }

    private static long id(Call.Remote remote, String word) throws IOException, CommandFailure {
        return new Lookup(remote.client().tunnels()).id(word);
    }

    private static String ago(Instant since, Instant now) {
        return Humane.until(now, since);
    }

    private static String millis(Duration time) {
        double millis = time.toNanos() / 1e6;
        return String.format(Locale.ROOT, millis < 10 ? "%.1f ms" : "%.0f ms", millis);
    }
}
