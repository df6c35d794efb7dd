package io.culvert.control;

import io.culvert.control.event.EventKind;
import io.culvert.gateway.Admission;
import io.culvert.gateway.DataPlane;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Join tokens and what agents have in exchange for them. An exchange is on disk before the agent is let in: a token that is good once is
 * good once, whatever crashes. Control thread only; what waits says so.
 */
final class TokenKeeper {
    /** Tokens of one tunnel. */
    static final int MOST = 100;
    /** Uses of one token; also what a token without counted uses has credentials. */
    static final int MOST_USES = 100;

    private static final Logger log = LoggerFactory.getLogger(TokenKeeper.class);
    private static final Duration LONGEST = Duration.ofDays(3650);
    private static final String UNKNOWN = "no living tunnel takes this token";

    private final DataPlane dataPlane;
    private final InstantSource wallClock;
    private final Duration credentialTtl;
    private final StoreDesk desk;
    private final TunnelTable table;
    private final TunnelMaker maker;
    private final TunnelChanger changer;
    private final News news;
    private final CredentialClock clock;
    private final SecureRandom random = new SecureRandom();

    TokenKeeper(
            DataPlane dataPlane,
            InstantSource wallClock,
            Ticker ticker,
            Duration credentialTtl,
            StoreDesk desk,
            TunnelTable table,
            TunnelMaker maker,
            TunnelChanger changer,
            News news) {
        this.dataPlane = dataPlane;
        this.wallClock = wallClock;
        this.credentialTtl = credentialTtl;
        this.desk = desk;
        this.table = table;
        this.maker = maker;
        this.changer = changer;
        this.news = news;
        this.clock = new CredentialClock(ticker, table);
    }

    private record Found(IssuedToken token, SessionCredential credential) {}

    /**
     * Judges an agent by what is known in memory; empty where its token has to be exchanged first. Never waits.
     *
     * @param secret of the token that it shows, if any
     * @param credential that it shows, if any
     */
    Optional<Admission> judge(long id, @Nullable SecretHash secret, @Nullable SecretHash credential) {
        LivingTunnel tunnel = table.entry(id);
        if (tunnel == null) {
            return Optional.of(new Admission.Refused(false, UNKNOWN));
        }
        Instant now = wallClock.instant();
        Found held = credential == null ? null : find(tunnel, credential, now);
        if (held != null && credential != null) {
            if (held.credential().former().isPresent()
                    && held.credential().hash().matches(credential)) {
                // The agent has the new one: nobody else has use for the old one.
                put(tunnel, replace(tunnel, held.token(), held.credential(), SessionCredential::settled));
            }
            return Optional.of(open(tunnel, () -> admitted(id, held.credential(), now)));
        }
        if (secret == null) {
            return Optional.of(new Admission.Refused(false, "no living tunnel takes this credential"));
        }
        if (tunnel.stored().secret().matches(secret)) {
            return Optional.of(open(tunnel, () -> new Admission.Admitted(id)));
        }
        IssuedToken token = tunnel.stored().tokens().stream()
                .filter(each -> each.hash().matches(secret))
                .findFirst()
                .orElse(null);
        if (token == null) {
            return Optional.of(new Admission.Refused(false, UNKNOWN));
        }
        if (token.state(now) != IssuedToken.State.GOOD) {
            return Optional.of(new Admission.Refused(false, why(token.state(now))));
        }
        if (credential == null) {
            return Optional.of(new Admission.Refused(
                    false, "this token is exchanged for a credential, and the agent offers none"));
        }
        // A token is not spent on a tunnel that cannot be served.
        return tunnel.ports == LivingTunnel.Ports.UP ? Optional.empty() : Optional.of(portTaken());
    }

    private static String why(IssuedToken.State state) {
        return switch (state) {
            case GOOD -> "this join token is good";
            case USED_UP -> "this join token is used up";
            case EXPIRED -> "this join token has expired";
            case REVOKED -> "this join token was revoked";
        };
    }

    private static Admission open(LivingTunnel tunnel, Supplier<Admission> yes) {
        return tunnel.ports == LivingTunnel.Ports.UP ? yes.get() : portTaken();
    }

    private static Admission portTaken() {
        return new Admission.Refused(true, "the tunnel waits for its port, which is taken");
    }

    /** Exchanges a token, unless it is to be judged otherwise by now. Inside a change: waits for the store. */
    Admission exchange(long id, SecretHash secret, SecretHash credential) {
        Optional<Admission> judged = judge(id, secret, credential);
        if (judged.isPresent()) {
            return judged.get();
        }
        LivingTunnel tunnel;
        try {
            tunnel = changer.changeable(id);
        } catch (ControlException e) {
            return new Admission.Refused(true, "the tunnel is ending");
        }
        Instant now = wallClock.instant();
        IssuedToken token = tunnel.stored().tokens().stream()
                .filter(each -> each.hash().matches(secret))
                .findFirst()
                .orElseThrow();
        SessionCredential made = new SessionCredential(id(), credential, now.plus(credentialTtl), Optional.empty());
        List<SessionCredential> credentials = new ArrayList<>(token.credentials());
        Set<String> pushed = Set.of();
        if (credentials.size() >= MOST_USES) {
            // Only where uses are not counted: an agent that keeps no credential file and starts again and again.
            SessionCredential oldest = credentials.stream()
                    .min(Comparator.comparing(SessionCredential::endsAt))
                    .orElseThrow();
            credentials.remove(oldest);
            pushed = Set.of(oldest.id());
        }
        credentials.add(made);
        Admission outcome = commit(tunnel, replace(tunnel, token, token.exchanged(credentials, now)), made, now);
        if (outcome instanceof Admission.Admitted) {
            if (!pushed.isEmpty()) {
                dataPlane.revoke(id, pushed);
            }
            news.tell(EventKind.TOKEN_USED, id, "join token " + token.id() + " was exchanged", details(token));
            log.info("Tunnel {}: join token {} exchanged for credential {}", id, token.id(), made.id());
        }
        return outcome;
    }

    /** Puts another secret in the place of a credential's. Inside a change: waits for the store. */
    Admission renew(long id, SecretHash shown, SecretHash next) {
        LivingTunnel tunnel;
        try {
            tunnel = changer.changeable(id);
        } catch (NoSuchTunnelException e) {
            return new Admission.Refused(false, UNKNOWN);
        } catch (ControlException e) {
            return new Admission.Refused(true, "the tunnel is ending");
        }
        Instant now = wallClock.instant();
        Found found = find(tunnel, shown, now);
        if (found == null) {
            return new Admission.Refused(false, "no living tunnel takes this credential");
        }
        SessionCredential old = found.credential();
        if (old.hash().matches(next)) {
            // Said before, and the answer was lost.
            return admitted(id, old, now);
        }
        if (old.isFormer(shown, now)) {
            return new Admission.Refused(
                    false, "this credential was renewed before, by somebody who has another one now");
        }
        if (find(tunnel, next, now) != null) {
            return new Admission.Refused(false, "another credential is this one already");
        }
        if (now.isBefore(renewAt(old).minus(credentialTtl.dividedBy(6)))) {
            // Each costs a write: nobody renews without need.
            return new Admission.Refused(true, "this credential is too young to be renewed");
        }
        SessionCredential renewed = new SessionCredential(
                old.id(),
                next,
                now.plus(credentialTtl),
                Optional.of(new SessionCredential.Former(old.hash(), old.endsAt())));
        IssuedToken token = found.token();
        List<SessionCredential> credentials = swap(token, old, renewed);
        return commit(tunnel, replace(tunnel, token, token.with(credentials, Optional.of(now))), renewed, now);
    }

    private Admission commit(LivingTunnel tunnel, List<IssuedToken> tokens, SessionCredential credential, Instant now) {
        try {
            commit(tunnel, tokens);
        } catch (NoSuchTunnelException e) {
            return new Admission.Refused(false, UNKNOWN);
        } catch (ConflictException e) {
            return new Admission.Refused(true, "the tunnel is ending");
        }
        return open(tunnel, () -> admitted(tunnel.id(), credential, now));
    }

    private void commit(LivingTunnel tunnel, List<IssuedToken> tokens) {
        changer.commit(tunnel, with(tunnel, tokens));
        clock.set(tunnel.stored(), wallClock.instant());
    }

    /** Makes it so in memory at once, and on disk soon. */
    private void put(LivingTunnel tunnel, List<IssuedToken> tokens) {
        StoredTunnel next = with(tunnel, tokens);
        table.replace(tunnel, next);
        desk.put(next);
        clock.set(next, wallClock.instant());
    }

    private static StoredTunnel with(LivingTunnel tunnel, List<IssuedToken> tokens) {
        StoredDraft draft = tunnel.draft();
        draft.tokens = tokens;
        return draft.done();
    }

    private Admission admitted(long id, SessionCredential credential, Instant now) {
        Duration left = Duration.between(now, renewAt(credential));
        Duration least = Duration.ofMillis(1);
        return new Admission.Admitted(id, credential.id(), Optional.of(left.compareTo(least) < 0 ? least : left));
    }

    /** After a third of its time: an agent that is switched off for the rest of it can still come back. */
    private Instant renewAt(SessionCredential credential) {
        return credential.endsAt().minus(credentialTtl.multipliedBy(2).dividedBy(3));
    }

    private static @Nullable Found find(LivingTunnel tunnel, SecretHash shown, Instant now) {
        for (IssuedToken token : tunnel.stored().tokens()) {
            for (SessionCredential credential : token.credentials()) {
                if (credential.admits(shown, now)) {
                    return new Found(token, credential);
                }
            }
        }
        return null;
    }

    private static List<IssuedToken> replace(
            LivingTunnel tunnel,
            IssuedToken token,
            SessionCredential credential,
            UnaryOperator<SessionCredential> change) {
        return replace(tunnel, token, token.with(swap(token, credential, change.apply(credential)), token.lastUsed()));
    }

    private static List<SessionCredential> swap(IssuedToken token, SessionCredential old, SessionCredential next) {
        return token.credentials().stream()
                .map(each -> each.equals(old) ? next : each)
                .toList();
    }

    private static List<IssuedToken> replace(LivingTunnel tunnel, IssuedToken old, IssuedToken next) {
        return tunnel.stored().tokens().stream()
                .map(each -> each.id().equals(old.id()) ? next : each)
                .toList();
    }

    /** All tokens of a tunnel, the oldest first. */
    List<IssuedToken> list(long id) {
        LivingTunnel tunnel = table.entry(id);
        if (tunnel == null) {
            throw new NoSuchTunnelException(id);
        }
        return tunnel.stored().tokens();
    }

    /**
     * Makes a token. Inside a change: waits for the store.
     *
     * @param ttl how long it can be exchanged; empty for as long as the tunnel lives
     * @param uses how often, 1 to {@value #MOST_USES}; empty for any number
     */
    NewJoinToken create(Caller caller, long id, Optional<Duration> ttl, OptionalInt uses) {
        if (ttl.isPresent()
                && (ttl.get().isNegative() || ttl.get().isZero() || ttl.get().compareTo(LONGEST) > 0)) {
            throw new InvalidRequestException(
                    "ttl_seconds",
                    String.valueOf(ttl.get().toSeconds()),
                    "more than zero, at most " + LONGEST.toSeconds());
        }
        if (uses.isPresent() && (uses.getAsInt() < 1 || uses.getAsInt() > MOST_USES)) {
            throw new InvalidRequestException("uses", String.valueOf(uses.getAsInt()), "1 to " + MOST_USES);
        }
        LivingTunnel tunnel = changer.changeable(id);
        Instant now = wallClock.instant();
        List<IssuedToken> tokens = new ArrayList<>(tunnel.stored().tokens());
        while (tokens.size() >= MOST) {
            IssuedToken dead = tokens.stream()
                    .filter(each -> each.dead(now))
                    .findFirst()
                    .orElseThrow(() -> new ConflictException(
                            tunnel.stored().spoken() + " has " + MOST + " join tokens, which is the most: revoke one"));
            tokens.remove(dead);
        }
        TunnelMaker.Token secret = maker.token(id);
        IssuedToken token = new IssuedToken(
                id(),
                secret.hash(),
                caller.name(),
                now,
                ttl.map(now::plus),
                uses,
                0,
                Optional.empty(),
                Optional.empty(),
                List.of());
        tokens.add(token);
        commit(tunnel, tokens);
        news.tell(EventKind.TOKEN_CREATED, id, "join token " + token.id() + " for " + caller.name(), details(token));
        log.info("Tunnel {}: join token {} for {}", id, token.id(), caller.name());
        return new NewJoinToken(token, secret.join());
    }

    /**
     * Ends a token, the credentials that it was exchanged for, and their sessions. Repeating it changes nothing. Inside a change: waits for
     * the store; a revocation that cannot be remembered is refused.
     */
    IssuedToken revoke(Caller caller, long id, String name) {
        LivingTunnel tunnel = table.entry(id);
        if (tunnel == null) {
            throw new NoSuchTunnelException(id);
        }
        IssuedToken token = tunnel.stored().tokens().stream()
                .filter(each -> each.id().equals(name))
                .findFirst()
                .orElseThrow(() -> new NoSuchTokenException(id, name));
        if (token.revokedAt().isPresent()) {
            return token;
        }
        IssuedToken revoked = token.revoked(wallClock.instant());
        Set<String> ended = ids(token.credentials().stream());
        StoredTunnel written = with(tunnel, replace(tunnel, token, revoked));
        try {
            desk.apply(StoreChanges.put(List.of(written)));
        } catch (StoreUnavailableException e) {
            // What of it is on disk is not known, and the tunnel may have ended meanwhile.
            if (table.entry(id) == tunnel) {
                desk.put(tunnel.draft().done());
            } else {
                desk.gone(id);
            }
            throw e;
        }
        if (table.entry(id) != tunnel) {
            desk.gone(id);
            throw new NoSuchTunnelException(id);
        }
        // Also where it drains, or began to meanwhile: visitors who may stay are no reason to keep an agent that may
        // not.
        StoredTunnel next = with(tunnel, replace(tunnel, token, revoked));
        table.replace(tunnel, next);
        if (!next.equals(written)) {
            desk.put(next);
        }
        clock.set(next, wallClock.instant());
        dataPlane.revoke(id, ended);
        news.tell(EventKind.TOKEN_REVOKED, id, "join token " + name + " revoked by " + caller.name(), details(token));
        log.info("Tunnel {}: join token {} revoked by {}", id, name, caller.name());
        return revoked;
    }

    private static Set<String> ids(Stream<SessionCredential> credentials) {
        return credentials.map(SessionCredential::id).collect(Collectors.toUnmodifiableSet());
    }

    private static Map<String, String> details(IssuedToken token) {
        return Map.of("token", token.id());
    }

    private String id() {
        byte[] bytes = new byte[8];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** A tunnel is back: its credentials end when they would have. */
    void restore(LivingTunnel tunnel) {
        clock.set(tunnel.stored(), wallClock.instant());
    }

    /** When {@link #expire} has something to do next. */
    OptionalLong deadline() {
        return clock.deadline();
    }

    /** Ends the credentials whose time is over, and cuts their sessions. Never waits. */
    void expire(long nowNanos) {
        for (OptionalLong due = clock.next(nowNanos); due.isPresent(); due = clock.next(nowNanos)) {
            LivingTunnel tunnel = table.entry(due.getAsLong());
            if (tunnel != null) {
                expire(tunnel);
            }
        }
    }

    private void expire(LivingTunnel tunnel) {
        Instant now = wallClock.instant();
        List<SessionCredential> over = tunnel.stored().tokens().stream()
                .flatMap(token -> token.credentials().stream())
                .filter(credential -> !now.isBefore(credential.endsAt()))
                .toList();
        if (over.isEmpty()) {
            // The wall clock is behind: asked again when it says so.
            clock.set(tunnel.stored(), now);
            return;
        }
        put(
                tunnel,
                tunnel.stored().tokens().stream()
                        .map(token -> token.with(
                                token.credentials().stream()
                                        .filter(credential -> !over.contains(credential))
                                        .toList(),
                                token.lastUsed()))
                        .toList());
        dataPlane.revoke(tunnel.id(), ids(over.stream()));
        log.info("Tunnel {}: {} credentials were not renewed in time", tunnel.id(), over.size());
    }
}
