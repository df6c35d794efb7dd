package io.culvert.app.remote;

import io.culvert.app.config.ConfigException;
import io.culvert.app.process.CommandFailure;
import io.culvert.app.process.ExitCode;
import io.culvert.app.process.Humane;
import io.culvert.app.process.Reasons;
import io.culvert.client.CulvertApiException;
import io.culvert.client.Event;
import io.culvert.client.EventFeed;
import io.culvert.client.EventFilter;
import io.culvert.client.EventListener;
import io.culvert.client.State;
import io.culvert.client.Tunnel;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * {@code tunnel watch}: events as they come and, of one tunnel, what it carries. The feed has a thread of its own, which hands over what
 * it hears; all else is done by the thread that runs the command.
 */
final class WatchVerb {
    private static final Option<Long> AFTER = Option.of(
            "after", Values.NUMBER, "Begin behind the event of this number; without: with what happens next.");
    private static final Option<String> KIND =
            Option.many("kind", Values.TEXT, "Events of this kind only, as 'up' or 'expired'; may be repeated.");
    private static final Option<Duration> TRAFFIC = Option.of(
            "traffic",
            Values.TIME,
            "With one tunnel: a line about its traffic so often; on a terminal one line that changes.");

    private static final Duration SECOND = Duration.ofSeconds(1);

    /** For an end that no event tells of: of a kind that is not asked for, or lost with a connection. */
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(5);

    /** How long events are waited for when all has ended. */
    private static final Duration LAST_WORDS = Duration.ofMillis(500);

    private final Call call;
    private final Call.Remote remote;
    private final Map<Long, String> names = new LinkedHashMap<>();
    private final Set<Long> watched = new LinkedHashSet<>();
    private final List<String> ended = new ArrayList<>();
    private final BlockingQueue<Heard> heard = new LinkedBlockingQueue<>();
    private final Optional<Duration> pace;
    private final boolean live;
    private Optional<Tunnel> before = Optional.empty();
    private long beforeAt;
    private final Set<Way> silent = EnumSet.noneOf(Way.class);

    /** How the server is asked: one may fail while the other one serves. */
    private enum Way {
        FEED,
        LOOK
    }

    private sealed interface Heard {}

    private record Happened(Event event) implements Heard {}

    private record Opened() implements Heard {}

    private record Broken(String why) implements Heard {}

    private record Missed(long after, long before) implements Heard {}

    /** The feed has ended, and nothing more will be heard. */
    private record Failed(Throwable why) implements Heard {}

    private WatchVerb(Call call, Call.Remote remote, List<Tunnel> tunnels, Optional<Duration> traffic) {
        this.call = call;
        this.remote = remote;
        tunnels.forEach(tunnel -> names.put(tunnel.id(), TunnelText.called(tunnel)));
        watched.addAll(names.keySet());
        live = tunnels.size() == 1
                && call.output().forPeople()
                && call.output().terminal().present();
        pace = tunnels.size() != 1 || !call.output().forPeople()
                ? Optional.empty()
                : live ? traffic.or(() -> Optional.of(SECOND)) : traffic;
    }

    static Verb verb() {
        return new Verb(
                "watch",
                "Follow what happens, until Ctrl-C: events of these tunnels, or of all. Ends with exit code 3 when all of these have.",
                "TUNNEL...",
                "Their numbers or their names; none: all, and the server.",
                List.of(AFTER, KIND, TRAFFIC),
                List.of("tunnel watch", "tunnel watch preview --traffic 10s", "tunnel watch --kind expired -o json"),
                WatchVerb::run);
    }

    private static int run(Call call) throws ConfigException, CommandFailure, IOException {
        List<String> wanted = call.words().operands();
        Optional<Long> after = call.words().find(AFTER);
        List<String> kinds = call.words().all(KIND);
        Optional<Duration> traffic = call.words().find(TRAFFIC);
        if (traffic.isPresent() && wanted.size() != 1) {
            call.words().fault("flag --traffic: with " + wanted.size() + " tunnels (expected: one)");
        }
        Call.Remote remote = call.remote();
        Lookup lookup = new Lookup(remote.client().tunnels());
        List<Tunnel> tunnels = new ArrayList<>();
        for (String word : wanted) {
            tunnels.add(lookup.any(word));
        }
        WatchVerb watch = new WatchVerb(call, remote, tunnels, traffic);
        EventFilter filter = new EventFilter(List.copyOf(watch.watched), kinds, after);
        try (EventFeed feed = remote.client().events().feed(filter, watch.new Listener())) {
            Thread thread = new Thread(() -> watch.listen(feed), "culvert-events");
            thread.setDaemon(true);
            thread.start();
            return watch.follow();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExitCode.OK;
        }
    }

    private void listen(EventFeed feed) {
        try {
            feed.run();
        } catch (Throwable e) {
            // Whatever it is: who waits for what is heard would wait for ever.
            heard.add(new Failed(e));
        }
    }

    private int follow() throws InterruptedException, CommandFailure, IOException {
        boolean some = !watched.isEmpty();
        long nextLook = System.nanoTime();
        while (true) {
            Heard next =
                    some ? heard.poll(Math.max(0, nextLook - System.nanoTime()), TimeUnit.NANOSECONDS) : heard.take();
            if (next instanceof Happened happened) {
                say(happened.event());
                happened.event().tunnel().ifPresent(this::look);
            } else if (next instanceof Opened) {
                answers(Way.FEED);
                // What ended before the stream was open.
                List.copyOf(watched).forEach(this::look);
            } else if (next instanceof Broken broken) {
                fails(Way.FEED, broken.why());
            } else if (next instanceof Missed missed) {
                note("events between " + missed.after() + " and " + missed.before() + " are not kept any more");
            } else if (next instanceof Failed failed) {
                throw unchecked(failed.why());
            } else {
                nextLook = System.nanoTime() + pace.orElse(BETWEEN_LOOKS).toNanos();
                if (pace.isPresent()) {
                    watched.stream().findFirst().flatMap(this::ask).ifPresent(this::traffic);
                } else {
                    List.copyOf(watched).forEach(this::look);
                }
            }
            // Who reads may have left: `watch | head -1`.
            call.console().deliver();
            if (some && watched.isEmpty()) {
                return end();
            }
        }
    }

    /** What is still on its way is told first. */
    private int end() throws InterruptedException {
        long until = System.nanoTime() + LAST_WORDS.toNanos();
        Heard next = heard.poll(LAST_WORDS.toNanos(), TimeUnit.NANOSECONDS);
        while (next != null) {
            if (next instanceof Happened happened) {
                say(happened.event());
                // Not for a stream that breaks and opens again and again: that may be for ever.
                until = System.nanoTime() + LAST_WORDS.toNanos();
            }
            next = heard.poll(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS);
        }
        ended.forEach(this::note);
        return ExitCode.REFUSED;
    }

    /** The feed throws nothing that is checked. */
    private static RuntimeException unchecked(Throwable why) {
        if (why instanceof Error error) {
            throw error;
        }
        return why instanceof RuntimeException known ? known : new IllegalStateException(why);
    }

    private void answers(Way way) {
        if (silent.remove(way) && silent.isEmpty()) {
            note("the server answers again");
        }
    }

    private void fails(Way way, String why) {
        if (silent.isEmpty()) {
            note("the server does not answer: " + why + "; trying again until it does");
        }
        silent.add(way);
    }

    /** Empty where the server cannot say just now. */
    private Optional<Tunnel> ask(long id) {
        try {
            Tunnel tunnel = remote.client().tunnels().get(id);
            answers(Way.LOOK);
            return Optional.of(tunnel);
        } catch (IOException e) {
            fails(Way.LOOK, Reasons.of(e));
        } catch (CulvertApiException e) {
            if (!e.mayPass()) {
                throw e;
            }
            fails(Way.LOOK, Refusals.words(e));
        }
        return Optional.empty();
    }

    private void look(long id) {
        if (watched.contains(id)) {
            ask(id).ifPresent(this::seen);
        }
    }

    /** Forgets a tunnel that has ended. */
    private void seen(Tunnel tunnel) {
        if (tunnel.state() == State.ENDED && watched.remove(tunnel.id())) {
            ended.add("tunnel " + names.get(tunnel.id()) + " has ended: " + Humane.said(tunnel.reason()));
        }
    }

    private void say(Event event) {
        if (!call.output().forPeople()) {
            call.output().document(event.document());
            return;
        }
        clear();
        String tunnel = event.tunnel()
                .map(id -> "tunnel " + names.getOrDefault(id, String.valueOf(id)) + "  ")
                .orElse("server  ");
        call.output()
                .line(Humane.moment(event.at()) + "  #" + event.id() + "  " + tunnel
                        + Paint.state(event.kind(), call.output().terminal()) + "  " + Humane.plain(event.text()));
        call.output().flush();
    }

    private void traffic(Tunnel now) {
        long at = System.nanoTime();
        double seconds = before.isEmpty() ? 0 : (at - beforeAt) / 1e9;
        String line = Paint.state(now.state().toString(), call.output().terminal()) + "  lease: "
                + new TunnelText("", Instant.now()).lease(now) + "  visitors: "
                + now.traffic().visitors() + "  in: "
                + Humane.bytes(now.traffic().bytesIn())
                + rate(
                        seconds,
                        before.map(tunnel ->
                                now.traffic().bytesIn() - tunnel.traffic().bytesIn()))
                + "  out: " + Humane.bytes(now.traffic().bytesOut())
                + rate(
                        seconds,
                        before.map(tunnel ->
                                now.traffic().bytesOut() - tunnel.traffic().bytesOut()));
        before = Optional.of(now);
        beforeAt = at;
        if (live) {
            call.output().status(line);
        } else {
            call.output().line(Humane.moment(Instant.now()) + "  " + line);
            call.output().flush();
        }
        seen(now);
    }

    private static String rate(double seconds, Optional<Long> more) {
        return more.filter(bytes -> seconds > 0)
                .map(bytes -> " (" + Humane.bytes(Math.round(bytes / seconds)) + "/s)")
                .orElse("");
    }

    private void note(String line) {
        clear();
        call.output().note(line);
    }

    private void clear() {
        if (live) {
            call.output().status("");
        }
    }

    /** Called on the feed's thread. */
    private final class Listener implements EventListener {
        @Override
        public void event(Event event) {
            heard.add(new Happened(event));
        }

        @Override
        public void connected() {
            heard.add(new Opened());
        }

        @Override
        public void disconnected(IOException why) {
            heard.add(new Broken(Reasons.of(why)));
        }

        @Override
        public void gap(long after, long before) {
            heard.add(new Missed(after, before));
        }
    }
}
