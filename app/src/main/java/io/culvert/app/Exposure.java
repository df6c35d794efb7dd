package io.culvert.app;

import io.culvert.agent.Agent;
import io.culvert.agent.AgentEnd;
import io.culvert.agent.AgentListener;
import io.culvert.agent.AgentSettings;
import io.culvert.app.config.Address;
import io.culvert.app.config.ExposeConfig;
import io.culvert.app.process.CommandFailure;
import io.culvert.app.process.Console;
import io.culvert.app.process.ExitCode;
import io.culvert.app.process.Humane;
import io.culvert.app.process.Reasons;
import io.culvert.client.CreatedTunnel;
import io.culvert.client.CulvertApiException;
import io.culvert.client.CulvertClient;
import io.culvert.client.Expose;
import io.culvert.client.LeaseSettings;
import io.culvert.client.NewTunnel;
import io.culvert.client.Tunnel;
import io.culvert.link.agent.JoinToken;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A tunnel's life in the hands of one process: created, served by an agent of this process, renewed at a third of its lease, removed
 * at the end. {@link #run} belongs to one thread, and everything that happens comes to it as an event; {@link #stop} may be called
 * from any other.
 */
final class Exposure {
    private static final Duration LONGEST_RETRY = Duration.ofSeconds(2);

    private final ExposeConfig config;
    private final URI server;
    private final CulvertClient client;
    private final Console console;
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final CountDownLatch done = new CountDownLatch(1);
    private boolean announced;
    private boolean connected;
    private boolean answering = true;
    /** Where the server last said that visitors come in. */
    private int port;
    /** What was last said to be wrong with the tunnel, other than its agent; empty: nothing. */
    private String trouble = "";

    private sealed interface Event {}

    private record Connected() implements Event {}

    private record Disconnected(String why) implements Event {}

    private record Ended(AgentEnd end, String why) implements Event {}

    private record Stop() implements Event {}

    /** @param server the API's address, which {@code client} calls */
    Exposure(ExposeConfig config, URI server, CulvertClient client, Console console) {
        this.config = config;
        this.server = server;
        this.client = client;
        this.console = console;
    }

    /** Creates the tunnel and keeps it until {@link #stop}, or until the server ends it. Returns one of {@link ExitCode}. */
    @SuppressWarnings("try") // the agent works while keep() waits for what it tells
    int run() throws CommandFailure, InterruptedException {
        try {
            long leaseFrom = System.nanoTime();
            CreatedTunnel created = create();
            port = port(created.tunnel());
            long id = created.tunnel().id();
            say("tunnel " + id + " is created; connecting its agent to " + bridge(created) + " ...");
            try (Agent agent = Agent.start(agentSettings(created), new Events())) {
                return keep(created, leaseFrom);
            }
        } finally {
            done.countDown();
        }
    }

    /** Ends the tunnel and waits until that is done. */
    void stop() {
        events.add(new Stop());
        try {
            done.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private CreatedTunnel create() throws CommandFailure {
        try {
            String target = config.target().toString();
            Expose expose = config.udp() ? Expose.udp(target) : Expose.tcp(target);
            return client.tunnels()
                    .create(NewTunnel.builder()
                            .expose(expose.onPort(config.port()))
                            .comment(config.comment())
                            .lease(LeaseSettings.ttl(config.ttl()))
                            .build());
        } catch (CulvertApiException e) {
            String hint = e.status() == 401 ? " Give it an API key by --key-file, or once by 'culvert login'." : "";
            throw new CommandFailure(
                    e.status() >= 500 ? ExitCode.FAILURE : ExitCode.REFUSED,
                    "the server at " + server + " refuses: " + Humane.said(words(e)) + hint,
                    e);
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitCode.FAILURE, "no server at " + server + ": " + Reasons.of(e) + " (is it running there?)", e);
        }
    }

    /** @param leaseFrom before the lease began: a slow start of the agent must not delay the first renewal */
    private int keep(CreatedTunnel created, long leaseFrom) throws InterruptedException {
        Duration pause = config.ttl().dividedBy(3);
        long renewAt = leaseFrom + pause.toNanos();
        while (true) {
            Event event = events.poll(renewAt - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (event instanceof Stop) {
                remove(created.tunnel().id());
                return ExitCode.OK;
            }
            if (event instanceof Ended ended) {
                // Its token may have been exchanged for another one: the tunnel then goes on, until its lease ends.
                say((ended.end() == AgentEnd.REFUSED ? "the server refuses the agent: " : "the tunnel has ended: ")
                        + ended.why());
                return ExitCode.REFUSED;
            }
            if (event instanceof Connected) {
                announce();
            } else if (event instanceof Disconnected down) {
                complain(down.why());
            } else {
                if (!renew(created.tunnel().id())) {
                    return ExitCode.REFUSED;
                }
                Duration next = answering || pause.compareTo(LONGEST_RETRY) < 0 ? pause : LONGEST_RETRY;
                renewAt = System.nanoTime() + next.toNanos();
            }
        }
    }

    private void announce() {
        if (!announced) {
            sayWhere();
            say("renewed every " + config.ttl().dividedBy(3).toMillis() / 1000.0 + " s; Ctrl-C ends the tunnel");
        } else if (!connected) {
            say("connected again");
        }
        announced = true;
        connected = true;
    }

    private void sayWhere() {
        // Where the API is reached by some way round, visitors go to where agents go.
        String host = config.bridge().map(Address::host).orElseGet(this::host);
        console.out()
                .println((config.udp() ? "udp://" : "") + new Address(host, port) + " leads to " + config.target());
        console.out().flush();
    }

    /** Others may have changed the tunnel meanwhile: this process's user hears of it from nobody else. */
    private void compare(Tunnel now) {
        if (port(now) != port) {
            port = port(now);
            if (announced) {
                say("the tunnel was moved to another port:");
                sayWhere();
            }
        }
        String wrong = switch (now.state()) {
            case DEGRADED, PAUSED, DRAINING -> now.state() + ": " + now.reason();
            case UP -> "";
            // Its agent is away, which the agent itself has told, and sooner.
            default -> trouble;
        };
        if (!wrong.equals(trouble)) {
            say("the tunnel is " + (wrong.isEmpty() ? "up again" : wrong));
        }
        trouble = wrong;
    }

    private static String words(CulvertApiException refusal) {
        return refusal.detail().isEmpty() ? refusal.problem().title() : refusal.detail();
    }

    private static int port(Tunnel tunnel) {
        return tunnel.exposes().get(0).port();
    }

    private void complain(String why) {
        if (connected || !announced) {
            say("no connection for visitors: " + why + "; trying again");
        }
        // Told once for each time it breaks, and not for every try.
        announced = announced || connected;
        connected = false;
    }

    /** False where the tunnel is no more. */
    private boolean renew(long id) {
        try {
            Tunnel now = client.tunnels().renew(id);
            if (!answering) {
                say("the server answers again");
            }
            answering = true;
            compare(now);
            return true;
        } catch (CulvertApiException e) {
            if (e.status() == 404) {
                say("the tunnel has ended: the server no longer knows it");
                return false;
            }
            if (e.status() == 401 || e.status() == 403) {
                say("the server no longer takes the API key: " + words(e));
                return false;
            }
            waitFor("the server did not renew the lease: " + words(e));
            return true;
        } catch (IOException e) {
            waitFor("the server does not answer: " + Reasons.of(e));
            return true;
        }
    }

    private void waitFor(String what) {
        if (answering) {
            say(what + "; trying again until it does");
        }
        answering = false;
    }

    private void remove(long id) {
        try {
            client.tunnels().delete(id);
            say("tunnel " + id + " is removed");
        } catch (CulvertApiException e) {
            say(
                    e.status() == 404
                            ? "tunnel " + id + " had ended already"
                            : "tunnel " + id + " is not removed: " + words(e));
        } catch (IOException e) {
            say("tunnel " + id + " could not be removed (" + Reasons.of(e) + "); it ends by itself, at most "
                    + config.ttl().toSeconds() + " s from now");
        }
    }

    private AgentSettings agentSettings(CreatedTunnel created) {
        // This process opened the tunnel for one target: whatever a server asks, nothing else is dialled.
        return AgentSettings.of(
                        AgentCommand.remote(bridge(created)),
                        JoinToken.parse(created.join().orElseThrow()))
                .allowing(Set.of(AgentCommand.remote(config.target())));
    }

    private Address bridge(CreatedTunnel created) {
        return config.bridge()
                .orElseGet(() -> new Address(host(), created.tunnel().agentPort()));
    }

    private String host() {
        String host = server.getHost();
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    private void say(String line) {
        console.err().println(Humane.said(line));
    }

    /** What the agent tells, handed to the one thread that acts. */
    private final class Events implements AgentListener {
        @Override
        public void connected(int session, long epoch) {
            events.add(new Connected());
        }

        @Override
        public void disconnected(int session, String why, Duration retryIn) {
            events.add(new Disconnected(why));
        }

        @Override
        public void ended(AgentEnd end, String why) {
            if (end != AgentEnd.CLOSED) {
                events.add(new Ended(end, why));
            }
        }
    }
}
