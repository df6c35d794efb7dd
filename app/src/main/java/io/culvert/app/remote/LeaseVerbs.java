package io.culvert.app.remote;

import io.culvert.app.config.ConfigException;
import io.culvert.app.config.ValueType;
import io.culvert.app.process.CommandFailure;
import io.culvert.app.process.ExitCode;
import io.culvert.app.process.Reasons;
import io.culvert.client.CulvertApiException;
import io.culvert.client.Outcome;
import io.culvert.client.Tunnel;
import io.culvert.client.TunnelFilter;
import io.culvert.client.Tunnels;
import io.culvert.client.UnfinishedException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code tunnel renew} and {@code tunnel delete}: of one, of several, of all with a label. Any thread. */
final class LeaseVerbs {
    private static final Option<Map.Entry<String, String>> LABEL =
            Option.many("label", Values.LABEL_OF, "Those with this label; may be repeated, all must be there.");
    private static final Option<Duration> EVERY = Option.of(
            "every",
            Values.TIME,
            "Again and again, until Ctrl-C or until no tunnel is left; waits for a server that restarts.");
    private static final Option<Duration> DRAIN = Option.of(
            "drain", Values.TIME, "Let no new visitors in; those who are there may stay so long, up to a day.");
    private static final Option<Boolean> YES =
            Option.of("yes", ValueType.SWITCH, "With --label: also where it is more than one.");

    private LeaseVerbs() {}

    static List<Verb> all() {
        return List.of(
                new Verb(
                        "renew",
                        "Give leases their whole time again.",
                        "TUNNEL...",
                        TunnelVerbs.TUNNELS,
                        List.of(LABEL, EVERY),
                        List.of(
                                "tunnel renew preview",
                                "tunnel renew --label ci=build-4711",
                                "tunnel renew preview --every 20s"),
                        LeaseVerbs::renew),
                new Verb(
                        "delete",
                        "End tunnels. When this returns their ports are closed and their visitors gone, unless --drain lets them stay.",
                        "TUNNEL...",
                        TunnelVerbs.TUNNELS,
                        List.of(LABEL, DRAIN, YES),
                        List.of(
                                "tunnel delete preview",
                                "tunnel delete 7 8 --drain 30s",
                                "tunnel delete --label ci=build-4711 --yes"),
                        LeaseVerbs::delete));
    }

    /** Those that words and labels mean. */
    private record Wanted(List<String> words, List<Map.Entry<String, String>> labels) {
        static Wanted read(Words words) {
            Wanted wanted = new Wanted(words.operands(), words.all(LABEL));
            if (wanted.words.isEmpty() == !words.has(LABEL)) {
                words.fault(
                        wanted.words.isEmpty()
                                ? "TUNNEL is missing (expected: at least one, or --label)"
                                : "TUNNEL: with --label (expected: one of both)");
            }
            return wanted;
        }

        List<Tunnel> labelled(Tunnels tunnels) throws IOException {
            return tunnels.list(new TunnelFilter(labels, List.of(), Optional.empty(), Optional.empty(), "id"));
        }

        /** Their numbers; a name that nobody has is told and left out. */
        List<Long> ids(Tunnels tunnels, Several several) throws IOException, CommandFailure {
            if (words.isEmpty()) {
                return labelled(tunnels).stream().map(Tunnel::id).toList();
            }
            Lookup lookup = new Lookup(tunnels);
            List<Long> ids = new ArrayList<>();
            several.each(words, word -> ids.add(lookup.id(word)));
            return ids;
        }
    }

    private static int renew(Call call) throws ConfigException, CommandFailure, IOException {
        Wanted wanted = Wanted.read(call.words());
        Optional<Duration> every = call.words().find(EVERY);
        Call.Remote remote = call.remote();
        Tunnels tunnels = remote.client().tunnels();
        if (every.isPresent()) {
            return renew(call, wanted, tunnels, every.get());
        }
        Several several = new Several(call.output());
        List<Long> ids = wanted.ids(tunnels, several);
        if (ids.size() == 1 && wanted.words().size() == 1) {
            TunnelVerbs.say(call, tunnels.renew(ids.get(0)));
            return ExitCode.OK;
        }
        return say(call, several, ids, tunnels::renewAll);
    }

    /** Until none is left. What the server cannot do now is tried again; only what it refuses ends it. */
    private static int renew(Call call, Wanted wanted, Tunnels tunnels, Duration every)
            throws CommandFailure, IOException {
        Optional<List<Long>> named = Optional.empty();
        boolean answering = true;
        while (true) {
            try {
                if (named.isEmpty() && !wanted.words().isEmpty()) {
                    named = Optional.of(found(call, wanted.words(), tunnels));
                }
                List<Long> ids = named.orElse(List.of());
                List<Long> now = named.isEmpty()
                        ? wanted.labelled(tunnels).stream().map(Tunnel::id).toList()
                        : ids;
                List<Outcome<Tunnel>> outcomes = now.isEmpty() ? List.of() : tunnels.renewAll(now);
                if (!answering) {
                    call.output().note("the server answers again");
                }
                answering = true;
                if (outcomes.stream().noneMatch(outcome -> outcome.done() || outcome.status() >= 500)) {
                    throw new CommandFailure(ExitCode.REFUSED, "no such tunnel is left to renew");
                }
                for (int i = now.size() - 1; i >= 0; i--) {
                    if (outcomes.get(i).status() == 404 && ids.contains(now.get(i))) {
                        call.output().note("tunnel " + now.get(i) + " has ended");
                        ids.remove(now.get(i));
                    }
                }
            } catch (IOException e) {
                answering = e.getCause() instanceof CulvertApiException refusal
                        ? complain(call, answering, refusal)
                        : complain(call, answering, "the server does not answer: " + Reasons.of(e));
            } catch (CulvertApiException e) {
                answering = complain(call, answering, e);
            }
            TunnelVerbs.pause(every);
        }
    }

    /** Their numbers; of several, a name that nobody has is told and left out. */
    private static List<Long> found(Call call, List<String> words, Tunnels tunnels) throws CommandFailure, IOException {
        Lookup lookup = new Lookup(tunnels);
        List<Long> ids = new ArrayList<>();
        for (String word : words) {
            try {
                ids.add(lookup.id(word));
            } catch (CommandFailure e) {
                if (words.size() == 1) {
                    throw e;
                }
                call.output().note(String.valueOf(e.getMessage()));
            }
        }
        return ids;
    }

    private static boolean complain(Call call, boolean answering, CulvertApiException refusal) {
        if (!refusal.mayPass()) {
            throw refusal;
        }
        return complain(call, answering, "not renewed: " + Refusals.words(refusal));
    }

    private static boolean complain(Call call, boolean answering, String what) {
        if (answering) {
            call.output().note(what + "; trying again until it does");
        }
        return false;
    }

    private static int delete(Call call) throws ConfigException, CommandFailure, IOException {
        Wanted wanted = Wanted.read(call.words());
        Optional<Duration> drain = call.words().find(DRAIN);
        boolean yes = call.words().on(YES);
        Call.Remote remote = call.remote();
        Tunnels tunnels = remote.client().tunnels();
        Several several = new Several(call.output());
        List<Long> ids;
        if (wanted.words().isEmpty()) {
            List<Tunnel> labelled = wanted.labelled(tunnels);
            if (labelled.size() > 1 && !yes) {
                labelled.stream().limit(20).forEach(tunnel -> call.output().note("  " + TunnelText.called(tunnel)));
                throw new CommandFailure(
                        ExitCode.USAGE,
                        "it would end " + labelled.size()
                                + " tunnels; nothing was done (expected: --yes, where all are meant)");
            }
            ids = labelled.stream().map(Tunnel::id).toList();
        } else {
            ids = wanted.ids(tunnels, several);
        }
        if (ids.size() == 1 && wanted.words().size() == 1) {
            long id = ids.get(0);
            TunnelVerbs.say(call, drain.isPresent() ? tunnels.drain(id, drain.get()) : tunnels.delete(id));
            return ExitCode.OK;
        }
        return say(
                call,
                several,
                ids,
                all -> drain.isPresent() ? tunnels.drainAll(all, drain.get()) : tunnels.deleteAll(all));
    }

    /** What is done to many. */
    private interface Deed {
        List<Outcome<Tunnel>> to(List<Long> ids) throws IOException;
    }

    /** Does it and says what came of it, also where it did not come to its end. */
    private static int say(Call call, Several several, List<Long> ids, Deed deed) throws IOException {
        try {
            return say(call, several, ids.isEmpty() ? List.of() : deed.to(ids), ids);
        } catch (UnfinishedException e) {
            say(call, several, e.outcomes(), ids);
            call.output().note("for the other " + (ids.size() - e.outcomes().size()) + " there is no outcome");
            if (e.getCause() instanceof CulvertApiException refusal) {
                throw refusal;
            }
            throw e;
        }
    }

    private static int say(Call call, Several several, List<Outcome<Tunnel>> outcomes, List<Long> ids) {
        if (!call.output().forPeople()) {
            call.output()
                    .documents(
                            "results", outcomes.stream().map(Outcome::document).toList());
        } else if (outcomes.isEmpty() && several.exitCode() == ExitCode.OK) {
            call.output().note("no tunnels");
        }
        for (int i = 0; i < outcomes.size(); i++) {
            Outcome<Tunnel> outcome = outcomes.get(i);
            if (!outcome.done()) {
                several.failed(
                        ids.get(i) + ": "
                                + outcome.problem().map(Refusals::words).orElse("HTTP status " + outcome.status()),
                        outcome.status() >= 500 ? ExitCode.FAILURE : ExitCode.REFUSED);
            } else if (call.output().forPeople()) {
                TunnelVerbs.say(call, outcome.value().orElseThrow());
            }
        }
        return several.exitCode();
    }
}
