package io.culvert.app.remote;

import io.culvert.client.LeaseSettings;
import io.culvert.client.LeaseSettings.Term;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** What is said of a lease, for a new tunnel and for one that is there. Any thread. */
final class LeaseOptions {
    private static final Option<Optional<Duration>> TTL = Option.of(
            "ttl", Values.TIME_OR_NONE, "From one renewal to the deadline; none, as without it: needs no renewal.");
    private static final Option<Optional<Duration>> GRACE = Option.of(
            "grace",
            Values.TIME_OR_NONE,
            "How long it can still be renewed behind the deadline, visitors shut out and ports held.");
    private static final Option<Optional<Duration>> MAX_LIFETIME =
            Option.of("max-lifetime", Values.TIME_OR_NONE, "From creation to an end that no renewal moves.");
    private static final Option<Optional<Instant>> EXPIRES_AT =
            Option.of("expires-at", Values.MOMENT_OR_NONE, "The moment of an end that no renewal moves.");
    private static final Option<Optional<Duration>> DRAIN = Option.of(
            "drain-at-end",
            Values.TIME_OR_NONE,
            "How long visitors who are there at the end may stay; none: they are cut.");
    private static final Option<String> RENEW_BY = Option.word(
            "renew-by", "Who renews: api, or session: while an agent is connected it does not run.", "api", "session");
    private static final Option<Duration> WARN_BEFORE =
            Option.many("warn-before", Values.TIME, "How long before an end an event tells of it; up to eight times.");

    /** In the order in which help texts show them. */
    static final List<Option<?>> ALL = List.of(TTL, GRACE, MAX_LIFETIME, EXPIRES_AT, DRAIN, RENEW_BY, WARN_BEFORE);

    private LeaseOptions() {}

    /** What was said; empty where nothing was. */
    static Optional<LeaseSettings> read(Words words) {
        LeaseSettings.Builder lease = LeaseSettings.builder();
        each(words, TTL, lease::ttl, () -> lease.without(Term.TTL));
        each(words, GRACE, lease::grace, () -> lease.without(Term.GRACE));
        each(words, MAX_LIFETIME, lease::maxLifetime, () -> lease.without(Term.MAX_LIFETIME));
        each(words, EXPIRES_AT, lease::expiresAt, () -> lease.without(Term.EXPIRES_AT));
        each(words, DRAIN, lease::drainAtTheEnd, lease::cutAtTheEnd);
        words.find(RENEW_BY).ifPresent(by -> lease.renewedBySession(by.equals("session")));
        if (words.has(WARN_BEFORE)) {
            lease.warnBefore(words.all(WARN_BEFORE));
        }
        return lease.isEmpty() ? Optional.empty() : Optional.of(lease.build());
    }

    private static <T> void each(Words words, Option<Optional<T>> option, Consumer<T> set, Runnable without) {
        words.find(option).ifPresent(said -> said.ifPresentOrElse(set, without));
    }
}
