package io.culvert.control;

import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which request of an owner created which tunnel, for a day, by the caller's own name for the request, each project apart; at most 100,000 of them. Control thread
 * only.
 */
final class KeyBook {
    static final Duration KEPT = Duration.ofDays(1);

    private static final int MOST = 100_000;
    private static final Pattern VISIBLE = Pattern.compile("[!-~]{1,200}");

    /**
     * What is known of an earlier request.
     *
     * @param join empty after a restart: the store has a hash of it only
     */
    record Known(String fingerprint, long tunnel, Optional<String> join, long untilNanos) {
        @Override
        public String toString() {
            return "Known[tunnel=" + tunnel + "]";
        }
    }

    private record Name(String owner, String project, String text) {}

    private final Ticker ticker;
    /** Oldest first. */
    private final Map<Name, Known> known = new LinkedHashMap<>();

    private final Map<Long, Name> byTunnel = new LinkedHashMap<>();

    KeyBook(Ticker ticker) {
        this.ticker = ticker;
    }

    /**
     * What an earlier request with this key created.
     *
     * @throws ConflictException where it was another request
     */
    Optional<Known> find(Caller caller, String project, IdempotencyKey key) {
        if (!VISIBLE.matcher(key.text()).matches()) {
            throw new InvalidRequestException(
                    "Idempotency-Key",
                    key.text().length() > 200
                            ? key.text().length() + " characters"
                            : key.text().replaceAll("[^!-~]", "?"),
                    "1 to 200 visible ASCII characters");
        }
        prune();
        Known before = known.get(new Name(caller.owner(), project, key.text()));
        if (before != null && !before.fingerprint().equals(key.fingerprint())) {
            throw new ConflictException("Idempotency-Key: '" + key.text() + "' came with another request before, which"
                    + " created tunnel " + before.tunnel());
        }
        return Optional.ofNullable(before);
    }

    /** Remembers what a request has created just now. */
    void add(Caller caller, String project, IdempotencyKey key, long tunnel, String join) {
        put(
                new Name(caller.owner(), project, key.text()),
                key,
                tunnel,
                Optional.of(join),
                ticker.nanos() + KEPT.toNanos());
    }

    /** Remembers what a request created before a restart; not where its day is over. */
    void restore(String owner, String project, IdempotencyKey key, long tunnel, Instant created, Instant now) {
        long left = Times.nanosUntil(now, created.plus(KEPT));
        if (left > 0) {
            put(new Name(owner, project, key.text()), key, tunnel, Optional.empty(), ticker.nanos() + left);
        }
    }

    /** A tunnel has another token now. */
    void rotated(long tunnel, String join) {
        Name name = byTunnel.get(tunnel);
        if (name != null) {
            known.computeIfPresent(
                    name,
                    (same, old) -> new Known(old.fingerprint(), old.tunnel(), Optional.of(join), old.untilNanos()));
        }
    }

    private void put(Name name, IdempotencyKey key, long tunnel, Optional<String> join, long until) {
        known.put(name, new Known(key.fingerprint(), tunnel, join, until));
        byTunnel.put(tunnel, name);
        prune();
    }

    private void prune() {
        Iterator<Known> oldest = known.values().iterator();
        while (oldest.hasNext()) {
            Known one = oldest.next();
            if (one.untilNanos() - ticker.nanos() > 0 && known.size() <= MOST) {
                return;
            }
            oldest.remove();
            byTunnel.remove(one.tunnel());
        }
    }
}
