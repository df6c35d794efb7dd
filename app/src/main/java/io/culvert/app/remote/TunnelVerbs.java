package io.culvert.app.remote;

import io.culvert.app.config.ConfigException;
import io.culvert.app.config.ValueType;
import io.culvert.app.process.CommandFailure;
import io.culvert.app.process.ExitCode;
import io.culvert.app.process.Humane;
import io.culvert.client.CulvertApiException;
import io.culvert.client.CulvertClient;
import io.culvert.client.State;
import io.culvert.client.Tunnel;
import io.culvert.client.TunnelFilter;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The commands on tunnels that are there, but for those that end or renew them. Any thread. */
final class TunnelVerbs {
    static final String TUNNELS = "Their numbers or their names.";
    static final String TUNNEL = "Its number or its name.";

    private static final Option<Map.Entry<String, String>> LABEL =
            Option.many("label", Values.LABEL_OF, "Those with this label; may be repeated, all must be there.");
    private static final Option<State> STATE = new Option<>(
            "state",
            Values.STATE,
            true,
            "Those in this state; may be repeated, any will do. Without: all that live.",
            List.of("waiting", "up", "degraded", "paused", "draining", "ended"));
    private static final Option<String> OWNER = Option.of("owner", Values.NAME, "Those that this caller created.");
    private static final Option<String> SEARCH = Option.of(
            "search", Values.TEXT, "Those with this text in the name, the comment, a label, a target or a port.");
    private static final Option<String> SORT = Option.word(
            "sort",
            "The order; '-' in front: descending.",
            "id",
            "-id",
            "name",
            "-name",
            "created_at",
            "-created_at",
            "deadline",
            "-deadline",
            "state",
            "-state",
            "bytes",
            "-bytes");
    private static final Option<Integer> EXPOSE =
            Option.of("expose", Values.INDEX, "Which of its ports, from 0; the first unless said.");
    private static final Option<Integer> PORT =
            Option.of("port", ValueType.PORT, "The public port; without: a free one of its pool.");
    private static final Option<State> WANTED = new Option<>(
            "for",
            Values.STATE,
            false,
            "The state that is waited for; up unless said.",
            List.of("up", "waiting", "ended"));
    private static final Option<Duration> TIMEOUT =
            Option.of("timeout", Values.TIME, "How long; for ever unless said.");

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(300);

    private TunnelVerbs() {}

    static List<Verb> all() {
        return List.of(
                new Verb(
                        "list",
                        "List tunnels: where visitors go, how each is, and what is left of its lease.",
                        "",
                        "",
                        List.of(LABEL, STATE, OWNER, SEARCH, SORT),
                        List.of(
                                "tunnel list",
                                "tunnel list --label ci=build-4711 --sort -bytes",
                                "tunnel list --state ended -o json"),
                        TunnelVerbs::list),
                new Verb(
                        "get",
                        "Show all about tunnels, also those that ended within the last day.",
                        "TUNNEL...",
                        TUNNELS,
                        List.of(),
                        List.of("tunnel get preview", "tunnel get 7 8 -o yaml"),
                        TunnelVerbs::get),
                new Verb(
                        "wait",
                        "Wait until a tunnel is up, or in another state. Exit code 3 where it ends meanwhile, 1 where the time is over.",
                        "TUNNEL",
                        TUNNEL,
                        List.of(WANTED, TIMEOUT),
                        List.of("tunnel wait preview --timeout 1m"),
                        TunnelVerbs::await),
                new Verb(
                        "pause",
                        "Shut visitors out and cut those who are in. Ports stay held, leases run on.",
                        "TUNNEL...",
                        TUNNELS,
                        List.of(),
                        List.of("tunnel pause preview"),
                        call -> each(call, (client, id) -> client.tunnels().pause(id))),
                new Verb(
                        "resume",
                        "Let visitors in again.",
                        "TUNNEL...",
                        TUNNELS,
                        List.of(),
                        List.of("tunnel resume preview"),
                        call -> each(call, (client, id) -> client.tunnels().resume(id))),
                new Verb(
                        "rotate-token",
                        "Make a new join token. The old one is good no more, and agents that came in by it are cut.",
                        "TUNNEL",
                        TUNNEL,
                        List.of(TokenFile.OPTION),
                        List.of("tunnel rotate-token preview --token-file preview.token"),
                        TunnelVerbs::rotate),
                new Verb(
                        "move-port",
                        "Move a tunnel to another public port. Visitors who are connected stay.",
                        "TUNNEL",
                        TUNNEL,
                        List.of(EXPOSE, PORT),
                        List.of("tunnel move-port preview --port 22022"),
                        TunnelVerbs::move));
    }

    private static int list(Call call) throws ConfigException, CommandFailure, IOException {
        Words words = call.words();
        TunnelFilter filter = new TunnelFilter(
                words.all(LABEL),
                words.all(STATE),
                words.find(OWNER),
                words.find(SEARCH),
                words.find(SORT).orElse("id"));
        Call.Remote remote = call.remote();
        List<Tunnel> tunnels = remote.client().tunnels().list(filter);
        if (call.output().forPeople()) {
            call.output().table(new TunnelText(remote.host(), Instant.now()).list(tunnels), "no tunnels");
        } else {
            call.output()
                    .documents("tunnels", tunnels.stream().map(Tunnel::document).toList());
        }
        return ExitCode.OK;
    }

    private static int get(Call call) throws ConfigException, CommandFailure, IOException {
        List<String> wanted = call.words().some("TUNNEL");
        Call.Remote remote = call.remote();
        Lookup lookup = new Lookup(remote.client().tunnels());
        return new Several(call.output()).each(wanted, word -> {
            Tunnel tunnel = lookup.any(word);
            if (call.output().forPeople()) {
                new TunnelText(remote.host(), Instant.now())
                        .whole(tunnel, call.output().terminal())
                        .forEach(call.output()::line);
            } else {
                call.output().document(tunnel.document());
            }
        });
    }

    /** What is done to a tunnel. */
    interface Action {
        Tunnel on(CulvertClient client, long id) throws IOException;
    }

    private static int each(Call call, Action action) throws ConfigException, CommandFailure, IOException {
        List<String> wanted = call.words().some("TUNNEL");
        Call.Remote remote = call.remote();
        Lookup lookup = new Lookup(remote.client().tunnels());
        return new Several(call.output()).each(wanted, word -> say(call, action.on(remote.client(), lookup.id(word))));
    }

    /** One line about how it is now, or its document. */
    static void say(Call call, Tunnel tunnel) {
        if (call.output().forPeople()) {
            String left = new TunnelText("", Instant.now()).lease(tunnel);
            call.output()
                    .line("tunnel " + TunnelText.called(tunnel) + ": "
                            + Paint.state(
                                    tunnel.state().toString(), call.output().terminal()) + ", "
                            + Humane.said(tunnel.reason())
                            + (tunnel.state() == State.ENDED ? "" : "; lease: " + left));
        } else {
            call.output().document(tunnel.document());
        }
    }

    private static int rotate(Call call) throws ConfigException, CommandFailure, IOException {
        String word = call.words().only("TUNNEL");
        TokenFile token = TokenFile.read(call.words());
        Call.Remote remote = call.remote();
        var rotated =
                remote.client().tunnels().rotateToken(new Lookup(remote.client().tunnels()).id(word));
        if (call.output().forPeople()) {
            say(call, rotated.tunnel());
        }
        token.say(rotated, call.output());
        return ExitCode.OK;
    }

    private static int move(Call call) throws ConfigException, CommandFailure, IOException {
        String word = call.words().only("TUNNEL");
        int expose = call.words().find(EXPOSE).orElse(0);
        int port = call.words().find(PORT).orElse(0);
        Call.Remote remote = call.remote();
        Tunnel moved =
                remote.client().tunnels().movePort(new Lookup(remote.client().tunnels()).id(word), expose, port);
        if (call.output().forPeople()) {
            TunnelText text = new TunnelText(remote.host(), Instant.now());
            call.output()
                    .line("tunnel " + TunnelText.called(moved) + ": "
                            + moved.exposes().stream().map(text::address).collect(Collectors.joining(", ")));
        } else {
            call.output().document(moved.document());
        }
        return ExitCode.OK;
    }

    private static int await(Call call) throws ConfigException, CommandFailure, IOException {
        String word = call.words().only("TUNNEL");
        State wanted = call.words().find(WANTED).orElse(State.UP);
        Optional<Duration> most = call.words().find(TIMEOUT);
        Call.Remote remote = call.remote();
        long id = new Lookup(remote.client().tunnels()).any(word).id();
        long begin = System.nanoTime();
        while (true) {
            Tunnel tunnel = remote.client().tunnels().get(id);
            if (tunnel.state() == wanted) {
                say(call, tunnel);
                return ExitCode.OK;
            }
            if (tunnel.state() == State.ENDED) {
                throw new CommandFailure(
                        ExitCode.REFUSED,
                        "tunnel " + TunnelText.called(tunnel) + " has ended: " + Humane.said(tunnel.reason()));
            }
            if (most.isPresent() && System.nanoTime() - begin >= most.get().toNanos()) {
                throw new CommandFailure(
                        ExitCode.FAILURE,
                        "tunnel " + TunnelText.called(tunnel) + " is still " + tunnel.state() + " after "
                                + Humane.time(most.get()) + ": " + Humane.said(tunnel.reason()));
            }
            pause(BETWEEN_LOOKS);
        }
    }

    /** Waits; one who is interrupted is told so. */
    static void pause(Duration time) throws CommandFailure {
        try {
            Thread.sleep(time.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure(ExitCode.FAILURE, "interrupted", e);
        }
    }

    /** True where the server says that there is no such living tunnel. */
    static boolean isGone(CulvertApiException refusal) {
        return refusal.status() == 404;
    }
}
