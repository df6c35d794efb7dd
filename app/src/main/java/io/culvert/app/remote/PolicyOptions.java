package io.culvert.app.remote;

import io.culvert.client.PolicySettings;
import io.culvert.client.PolicySettings.Bound;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is said of policies, for a new tunnel and for one that is there. Any thread. */
final class PolicyOptions {
    private static final Option<Optional<String>> ALLOW = Option.many(
            "allow", Values.BLOCK_OR_NONE, "Let in visitors from there only; may be repeated. none: from everywhere.");
    private static final Option<Optional<String>> DENY =
            Option.many("deny", Values.BLOCK_OR_NONE, "Do not let in visitors from there; may be repeated.");
    private static final Map<Bound, Option<Optional<Long>>> BOUNDS = bounds();
    private static final Option<Optional<Duration>> IDLE =
            Option.of("idle", Values.TIME_OR_NONE, "The longest time without a byte.");
    private static final Option<Optional<Duration>> LONGEST =
            Option.of("longest", Values.TIME_OR_NONE, "The longest life of a connection.");
    private static final Option<String> PROXY_PROTOCOL =
            Option.word("proxy-protocol", "A header that tells targets who their visitors are.", "none", "v1", "v2");

    /** In the order in which help texts show them. */
    static final List<Option<?>> ALL = all();

    private PolicyOptions() {}

    private static Map<Bound, Option<Optional<Long>>> bounds() {
        Map<Bound, Option<Optional<Long>>> bounds = new LinkedHashMap<>();
        bounds.put(
                Bound.CONNECTIONS, Option.of("most-connections", Values.COUNT_OR_NONE, "The most visitors at once."));
        bounds.put(
                Bound.CONNECTIONS_OF_AN_ADDRESS,
                Option.of("most-per-address", Values.COUNT_OR_NONE, "The most visitors at once from one address."));
        bounds.put(
                Bound.NEW_PER_SECOND,
                Option.of("new-per-second", Values.COUNT_OR_NONE, "The most new visitors each second."));
        bounds.put(
                Bound.BYTES_IN,
                Option.of("rate-in", Values.SIZE_OR_NONE, "Bytes each second from visitors, all together."));
        bounds.put(
                Bound.BYTES_OUT,
                Option.of("rate-out", Values.SIZE_OR_NONE, "Bytes each second to visitors, all together."));
        bounds.put(
                Bound.CONNECTION_BYTES_IN,
                Option.of("connection-rate-in", Values.SIZE_OR_NONE, "Bytes each second from one visitor."));
        bounds.put(
                Bound.CONNECTION_BYTES_OUT,
                Option.of("connection-rate-out", Values.SIZE_OR_NONE, "Bytes each second to one visitor."));
        bounds.put(
                Bound.VOLUME,
                Option.of("volume", Values.SIZE_OR_NONE, "Bytes both ways over its life; it stops at that byte."));
        return bounds;
    }

    private static List<Option<?>> all() {
        List<Option<?>> all = new ArrayList<>(List.of(ALLOW, DENY));
        all.addAll(BOUNDS.values());
        all.addAll(List.of(IDLE, LONGEST, PROXY_PROTOCOL));
        return all;
    }

    /** What was said; empty where nothing was. */
    static Optional<PolicySettings> read(Words words) {
        PolicySettings.Builder policies = PolicySettings.builder();
        if (words.has(ALLOW)) {
            policies.allow(blocks(words, ALLOW));
        }
        if (words.has(DENY)) {
            policies.deny(blocks(words, DENY));
        }
        BOUNDS.forEach((bound, option) -> words.find(option)
                .ifPresent(said ->
                        said.ifPresentOrElse(most -> policies.most(bound, most), () -> policies.without(bound))));
        time(words, IDLE, Bound.IDLE, policies);
        time(words, LONGEST, Bound.LONGEST, policies);
        words.find(PROXY_PROTOCOL).ifPresent(policies::proxyProtocol);
        return policies.isEmpty() ? Optional.empty() : Optional.of(policies.build());
    }

    private static List<String> blocks(Words words, Option<Optional<String>> option) {
        List<Optional<String>> said = words.all(option);
        if (said.size() > 1 && said.contains(Optional.<String>empty())) {
            words.fault("flag --" + option.name() + ": none, and others (expected: none alone, or blocks)");
        }
        return said.stream().flatMap(Optional::stream).toList();
    }

    private static void time(
            Words words, Option<Optional<Duration>> option, Bound bound, PolicySettings.Builder policies) {
        words.find(option)
                .ifPresent(said ->
                        said.ifPresentOrElse(most -> policies.most(bound, most), () -> policies.without(bound)));
    }
}
