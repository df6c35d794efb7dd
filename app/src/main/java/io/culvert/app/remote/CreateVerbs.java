package io.culvert.app.remote;

import io.culvert.app.config.ConfigException;
import io.culvert.app.config.ValueType;
import io.culvert.app.process.CommandFailure;
import io.culvert.app.process.ExitCode;
import io.culvert.app.process.Humane;
import io.culvert.client.Bridge;
import io.culvert.client.CreatedTunnel;
import io.culvert.client.Expose;
import io.culvert.client.LeaseSettings;
import io.culvert.client.NewTunnel;
import io.culvert.client.PolicySettings;
import io.culvert.client.Tunnel;
import io.culvert.client.TunnelChange;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code tunnel create} and {@code tunnel set}: what a tunnel shall be. Any thread. */
final class CreateVerbs {
    private static final Option<String> NAME = Option.of(
            "name", Values.NAME, "A name, unique among living tunnels; commands take it in place of the number.");
    private static final Option<Map.Entry<String, String>> LABEL =
            Option.many("label", Values.LABEL_OF, "A label; may be repeated.");
    private static final Option<String> COMMENT = Option.of("comment", ValueType.COMMENT, "What the list shows.");
    private static final Option<Integer> PORT =
            Option.of("port", ValueType.PORT, "The public port of the only TARGET; without: a free one.");
    private static final Option<Boolean> UDP =
            Option.of("udp", ValueType.SWITCH, "Datagrams: every TARGET is a UDP port.");
    private static final Option<String> POOL =
            Option.of("pool", Values.NAME, "The pool that free ports are picked from; see 'culvert port pools'.");
    private static final Option<String> BIND =
            Option.of("bind", ValueType.HOST, "The server's address to listen on; without: the server's choice.");
    private static final Option<Boolean> GOPROXY =
            Option.of("goproxy", ValueType.SWITCH, "A bridge port of its own, for stock goproxy clients.");
    private static final Option<Integer> BRIDGE_PORT =
            Option.of("bridge-port", ValueType.PORT, "With --goproxy: that port; without: a free one.");
    private static final Option<Boolean> BRIDGE_BARE = Option.of(
            "bridge-bare", ValueType.SWITCH, "With --goproxy: bare TCP; whoever reaches the port serves the tunnel.");
    private static final Option<Boolean> BRIDGE_COMPRESS =
            Option.of("bridge-compress", ValueType.SWITCH, "With --goproxy: the clients run with -c.");
    private static final Option<Boolean> DRY_RUN =
            Option.of("dry-run", ValueType.SWITCH, "Check all that can be checked, and create nothing.");
    private static final Option<String> IDEMPOTENCY_KEY = Option.of(
            "idempotency-key",
            new ValueType<>(
                    "TEXT",
                    "1 to 180 visible ASCII characters",
                    text -> text.matches("[!-~]{1,180}") ? Optional.of(text) : Optional.empty()),
            "For a day, the same again finds the same tunnel; without, only a lost answer is covered.");

    private static final Option<Boolean> NO_NAME = Option.of("no-name", ValueType.SWITCH, "Take its name away.");
    private static final Option<String> NO_LABEL =
            Option.many("no-label", Values.LABEL_KEY, "Take a label away; may be repeated.");
    private static final Option<Long> IF_VERSION =
            Option.of("if-version", Values.NUMBER, "Only where nobody has changed it since this version.");

    private CreateVerbs() {}

    static List<Verb> all() {
        List<Option<?>> create = new ArrayList<>(List.of(NAME, LABEL, COMMENT, PORT, UDP, POOL, BIND));
        create.addAll(LeaseOptions.ALL);
        create.addAll(PolicyOptions.ALL);
        create.addAll(List.of(
                GOPROXY, BRIDGE_PORT, BRIDGE_BARE, BRIDGE_COMPRESS, TokenFile.OPTION, DRY_RUN, IDEMPOTENCY_KEY));
        List<Option<?>> set = new ArrayList<>(List.of(NAME, NO_NAME, LABEL, NO_LABEL, COMMENT));
        set.addAll(LeaseOptions.ALL);
        set.addAll(PolicyOptions.ALL);
        set.add(IF_VERSION);
        return List.of(
                new Verb(
                        "create",
                        "Create a tunnel. When this returns its ports are open, and an agent can serve it.",
                        "TARGET...",
                        "What visitors shall reach, as the agent sees it: [udp://][HOST:]PORT[-PUBLICPORT].",
                        create,
                        List.of(
                                "tunnel create 8080 --name preview --ttl 1m --token-file preview.token",
                                "tunnel create 22-22022 udp://53 --allow 192.0.2.0/24 --most-connections 20",
                                "tunnel create db.internal:5432 --ttl 5m --grace 10m --renew-by session"),
                        CreateVerbs::create),
                new Verb(
                        "set",
                        "Change a tunnel: what is named is changed, the rest stays. 'none' takes a bound away. Acts at once, on"
                                + " connections that are open too.",
                        "TUNNEL",
                        "Its number or its name.",
                        set,
                        List.of(
                                "tunnel set preview --rate-out 1M --allow 192.0.2.0/24",
                                "tunnel set preview --rate-out none --ttl 1h --no-label old"),
                        CreateVerbs::set));
    }

    private static int create(Call call) throws ConfigException, CommandFailure, IOException {
        Words words = call.words();
        NewTunnel.Builder tunnel = NewTunnel.builder();
        exposes(words).forEach(tunnel::expose);
        words.find(NAME).ifPresent(tunnel::name);
        words.all(LABEL).forEach(label -> tunnel.label(label.getKey(), label.getValue()));
        words.find(COMMENT).ifPresent(tunnel::comment);
        LeaseOptions.read(words).ifPresent(tunnel::lease);
        PolicyOptions.read(words).ifPresent(tunnel::policies);
        bridge(words).ifPresent(tunnel::bridge);
        boolean dryRun = words.on(DRY_RUN);
        Optional<String> key = words.find(IDEMPOTENCY_KEY);
        TokenFile token = TokenFile.read(words);
        Call.Remote remote = call.remote();
        if (dryRun) {
            return plan(call, remote, tunnel.build());
        }
        CreatedTunnel created = key.isPresent()
                ? remote.client().tunnels().create(tunnel.build(), key.get())
                : remote.client().tunnels().create(tunnel.build());
        if (call.output().forPeople()) {
            TunnelText text = new TunnelText(remote.host(), Instant.now());
            text.whole(created.tunnel(), call.output().terminal()).stream()
                    .filter(line -> !line.startsWith("  traffic") && !line.startsWith("  states"))
                    .forEach(call.output()::line);
        }
        token.say(created, call.output());
        return ExitCode.OK;
    }

    private static int plan(Call call, Call.Remote remote, NewTunnel tunnel) throws IOException {
        var plan = remote.client().tunnels().plan(tunnel);
        if (call.output().forPeople()) {
            call.output()
                    .line("it would be created, with " + plan.exposes().size()
                            + (plan.exposes().size() == 1 ? " port" : " ports") + ", for " + Humane.plain(plan.owner())
                            + "; nothing was");
        } else {
            call.output().document(plan.document());
        }
        return ExitCode.OK;
    }

    private static List<Expose> exposes(Words words) {
        Optional<Integer> port = words.find(PORT);
        boolean udp = words.on(UDP);
        Optional<String> pool = words.find(POOL);
        Optional<String> bind = words.find(BIND);
        if (port.isPresent() && words.operands().size() > 1) {
            words.fault("flag --port: with " + words.operands().size()
                    + " targets (expected: one; or TARGET-PUBLICPORT, as 22-22022)");
        }
        List<Expose> exposes = new ArrayList<>();
        for (String target : words.some("TARGET")) {
            words.read("TARGET", Values.TARGET_OF, target).ifPresent(read -> {
                Expose expose = udp ? Expose.udp(read.target()).onPort(read.port()) : read;
                expose = port.isPresent() ? expose.onPort(port.get()) : expose;
                expose = pool.isPresent() ? expose.fromPool(pool.get()) : expose;
                exposes.add(bind.isPresent() ? expose.boundTo(bind.get()) : expose);
            });
        }
        return exposes;
    }

    private static Optional<Bridge> bridge(Words words) {
        boolean bare = words.on(BRIDGE_BARE);
        boolean compress = words.on(BRIDGE_COMPRESS);
        Optional<Integer> port = words.find(BRIDGE_PORT);
        if (!words.on(GOPROXY)) {
            if (bare || compress || port.isPresent()) {
                words.fault("flags --bridge-…: without --goproxy (expected: with it)");
            }
            return Optional.empty();
        }
        return Optional.of(new Bridge(port.orElse(0), !bare, compress));
    }

    private static int set(Call call) throws ConfigException, CommandFailure, IOException {
        Words words = call.words();
        String word = words.only("TUNNEL");
        TunnelChange.Builder change = TunnelChange.builder();
        Optional<String> name = words.find(NAME);
        boolean withoutName = words.on(NO_NAME);
        if (name.isPresent() && withoutName) {
            words.fault("flag --no-name: with --name (expected: one of both)");
        }
        name.ifPresent(change::name);
        List<Map.Entry<String, String>> labels = words.all(LABEL);
        List<String> withoutLabels = words.all(NO_LABEL);
        labels.forEach(label -> change.label(label.getKey(), label.getValue()));
        withoutLabels.forEach(change::withoutLabel);
        Optional<String> comment = words.find(COMMENT);
        comment.ifPresent(change::comment);
        Optional<LeaseSettings> lease = LeaseOptions.read(words);
        lease.ifPresent(change::lease);
        Optional<PolicySettings> policies = PolicyOptions.read(words);
        policies.ifPresent(change::policies);
        if (withoutName) {
            change.withoutName();
        }
        boolean nothing = name.isEmpty()
                && !withoutName
                && labels.isEmpty()
                && withoutLabels.isEmpty()
                && comment.isEmpty()
                && lease.isEmpty()
                && policies.isEmpty();
        if (nothing && words.flags().faults().isEmpty()) {
            words.fault("nothing to change (expected: an option that says what)");
        }
        Optional<Long> version = words.find(IF_VERSION);
        Call.Remote remote = call.remote();
        long id = new Lookup(remote.client().tunnels()).id(word);
        Tunnel changed = version.isPresent()
                ? remote.client().tunnels().change(id, change.build(), version.get())
                : remote.client().tunnels().change(id, change.build());
        if (call.output().forPeople()) {
            new TunnelText(remote.host(), Instant.now())
                    .whole(changed, call.output().terminal())
                    .forEach(call.output()::line);
        } else {
            call.output().document(changed.document());
        }
        return ExitCode.OK;
    }
}
