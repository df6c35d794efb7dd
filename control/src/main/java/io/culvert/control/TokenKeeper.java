package io.culvert.control;

import io.culvert.control.TokenIndex.Found;
import io.culvert.control.event.EventKind;
import io.culvert.gateway.Admission;
import io.culvert.gateway.DataPlane;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Join tokens and what agents have in exchange for them. An exchange is on disk before the agent is let in: a token that is good once is
 * good once, whatever crashes. Control thread only; what waits says so.
 */
final class TokenKeeper {
    /** Uses of one token; also what a token without counted uses has credentials. */
    static final int MOST_USES = 100;

    private static final Logger log = LoggerFactory.getLogger(TokenKeeper.class);
    private static final Admission UNKNOWN = new Admission.Refused(false, "no living tunnel takes this token");
    private static final Admission UNKNOWN_CREDENTIAL =
            new Admission.Refused(false, "no living tunnel takes this credential");
    /** Of no secret: compared with where there is no tunnel, so that it takes as long as where there is one. */
    private static final SecretHash NOBODY = SecretHash.ofStored(new byte[SecretHash.LENGTH]);

    private final DataPlane dataPlane;
    private final Duration credentialTtl;
    private final TunnelTable table;
    private final AgentKeeper agents;
    private final TokenBook book;
    private final News news;

    TokenKeeper(
            DataPlane dataPlane,
            Duration credentialTtl,
            TunnelTable table,
            AgentKeeper agents,
            TokenBook book,
            News news) {
        this.dataPlane = dataPlane;
        this.credentialTtl = credentialTtl;
        this.table = table;
        this.agents = agents;
        this.book = book;
        this.news = news;
    }

    /**
     * Judges an agent by what is known in memory; empty where its token has to be exchanged first. Never waits.
     *
     * @param secret of the token that it shows, if any
     * @param credential that it shows, if any
     */
    Optional<Admission> judge(long id, @Nullable SecretHash secret, @Nullable SecretHash credential) {
        LivingTunnel tunnel = table.entry(id);
        TokenIndex index = tunnel == null ? TokenIndex.NOBODYS : tunnel.tokens();
        Instant now = book.now();
        Found held = credential == null ? null : index.credential(credential, now);
        if (tunnel != null && held != null && credential != null) {
            if (held.credential().former().isPresent()
                    && held.credential().hash().matches(credential)) {
                // The agent has the new one: nobody else has use for the old one.
                book.put(tunnel, replace(tunnel, held.token(), held.credential(), SessionCredential::settled));
            }
            return Optional.of(open(tunnel, () -> admitted(id, held.credential(), now)));
        }
        if (secret == null) {
            return Optional.of(UNKNOWN_CREDENTIAL);
        }
        IssuedToken token = index.token(secret).orElse(null);
        boolean first = (tunnel == null ? NOBODY : tunnel.stored().secret()).matches(secret);
        if (tunnel == null || (token == null && !first)) {
            return Optional.of(UNKNOWN);
        }
        if (first || token == null) {
            return Optional.of(open(tunnel, () -> new Admission.Admitted(id)));
        }
        if (token.state(now) != IssuedToken.State.GOOD) {
            return Optional.of(new Admission.Refused(false, why(token.state(now))));
        }
        if (credential == null) {
            return Optional.of(new Admission.Refused(
                    false, "this token is exchanged for a credential, and the agent offers none"));
        }
        // A token is not spent on a tunnel that cannot be served.
        return agents.obstacle(tunnel);
    }

    /** Whether this is what somebody hears who shows a secret that is none, or for a tunnel that is not there. */
    static boolean isGuess(Admission admission) {
        return admission.equals(UNKNOWN) || admission.equals(UNKNOWN_CREDENTIAL);
    }

    private static String why(IssuedToken.State state) {
        return switch (state) {
            case GOOD -> "this join token is good";
            case USED_UP -> "this join token is used up";
            case EXPIRED -> "this join token has expired";
            case REVOKED -> "this join token was revoked";
        };
    }

    private Admission open(LivingTunnel tunnel, Supplier<Admission> yes) {
        return agents.obstacle(tunnel).orElseGet(yes);
    }

    /** Exchanges a token, unless it is to be judged otherwise by now. Inside a change: waits for the store. */
    Admission exchange(long id, SecretHash secret, SecretHash credential) {
        Optional<Admission> judged = judge(id, secret, credential);
        if (judged.isPresent()) {
            return judged.get();
        }
        LivingTunnel tunnel = Objects.requireNonNull(table.entry(id));
        if (tunnel.drain.isPresent()) {
            return ending();
        }
        Instant now = book.now();
        IssuedToken token = tunnel.tokens().token(secret).orElseThrow();
        SessionCredential made =
                new SessionCredential(book.newId(), credential, now.plus(credentialTtl), Optional.empty());
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
        Admission outcome =
                commit(tunnel, TokenBook.replace(tunnel, token, token.exchanged(credentials, now)), made, now);
        if (outcome instanceof Admission.Admitted) {
            if (!pushed.isEmpty()) {
                dataPlane.revoke(id, pushed);
            }
            news.tell(
                    EventKind.TOKEN_USED, id, "join token " + token.id() + " was exchanged", TokenBook.details(token));
            log.info("Tunnel {}: join token {} exchanged for credential {}", id, token.id(), made.id());
        }
        return outcome;
    }

    /** Judges a renewal; empty where it is to be written. Never waits: whoever has no credential costs nobody a place among the changes. */
    Optional<Admission> judgeRenewal(long id, SecretHash shown, SecretHash next) {
        LivingTunnel tunnel = table.entry(id);
        TokenIndex index = tunnel == null ? TokenIndex.NOBODYS : tunnel.tokens();
        Instant now = book.now();
        Found found = index.credential(shown, now);
        if (tunnel == null || found == null) {
            return Optional.of(UNKNOWN_CREDENTIAL);
        }
        SessionCredential old = found.credential();
        if (old.hash().matches(next)) {
            // Said before, and the answer was lost.
            return Optional.of(admitted(id, old, now));
        }
        if (old.isFormer(shown, now)) {
            return Optional.of(new Admission.Refused(
                    false, "this credential was renewed before, by somebody who has another one now"));
        }
        if (index.credential(next, now) != null) {
            return Optional.of(new Admission.Refused(false, "another credential is this one already"));
        }
        if (now.isBefore(renewAt(old).minus(credentialTtl.dividedBy(6)))) {
            // Each costs a write: nobody renews without need.
            return Optional.of(new Admission.Refused(true, "this credential is too young to be renewed"));
        }
        return tunnel.drain.isPresent() ? Optional.of(ending()) : Optional.empty();
    }

    private static Admission ending() {
        return new Admission.Refused(true, "the tunnel is ending");
    }

    /** Puts another secret in the place of a credential's, unless that is to be judged otherwise by now. Inside a change: waits for the store. */
    Admission renew(long id, SecretHash shown, SecretHash next) {
        Optional<Admission> judged = judgeRenewal(id, shown, next);
        if (judged.isPresent()) {
            return judged.get();
        }
        LivingTunnel tunnel = Objects.requireNonNull(table.entry(id));
        Instant now = book.now();
        Found found = Objects.requireNonNull(tunnel.tokens().credential(shown, now));
        SessionCredential old = found.credential();
        SessionCredential renewed = new SessionCredential(
                old.id(),
                next,
                now.plus(credentialTtl),
                Optional.of(new SessionCredential.Former(old.hash(), old.endsAt())));
        IssuedToken token = found.token();
        List<SessionCredential> credentials = swap(token, old, renewed);
        return commit(
                tunnel, TokenBook.replace(tunnel, token, token.with(credentials, Optional.of(now))), renewed, now);
    }

    private Admission commit(LivingTunnel tunnel, List<IssuedToken> tokens, SessionCredential credential, Instant now) {
        try {
            book.commit(tunnel, tokens);
        } catch (NoSuchTunnelException e) {
            return UNKNOWN;
        } catch (ConflictException e) {
            return ending();
        }
        return open(tunnel, () -> admitted(tunnel.id(), credential, now));
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

    private static List<IssuedToken> replace(
            LivingTunnel tunnel,
            IssuedToken token,
            SessionCredential credential,
            UnaryOperator<SessionCredential> change) {
        return TokenBook.replace(
                tunnel, token, token.with(swap(token, credential, change.apply(credential)), token.lastUsed()));
    }

    private static List<SessionCredential> swap(IssuedToken token, SessionCredential old, SessionCredential next) {
        return token.credentials().stream()
                .map(each -> each.equals(old) ? next : each)
                .toList();
    }

    /** A tunnel is back: its credentials end when they would have. */
    void restore(LivingTunnel tunnel) {
        book.clock().set(tunnel.stored(), book.now());
    }

    /** When {@link #expire} has something to do next. */
    OptionalLong deadline() {
        return book.clock().deadline();
    }

    /** Ends the credentials whose time is over, and cuts their sessions. Never waits. */
    void expire(long nowNanos) {
        for (OptionalLong due = book.clock().next(nowNanos);
                due.isPresent();
                due = book.clock().next(nowNanos)) {
            LivingTunnel tunnel = table.entry(due.getAsLong());
            if (tunnel != null) {
                expire(tunnel);
            }
        }
    }

    private void expire(LivingTunnel tunnel) {
        Instant now = book.now();
        List<SessionCredential> over = tunnel.stored().tokens().stream()
                .flatMap(token -> token.credentials().stream())
                .filter(credential -> !now.isBefore(credential.endsAt()))
                .toList();
        if (over.isEmpty()) {
            // The wall clock is behind: asked again when it says so.
            book.clock().set(tunnel.stored(), now);
            return;
        }
        book.put(
                tunnel,
                tunnel.stored().tokens().stream()
                        .map(token -> token.with(
                                token.credentials().stream()
                                        .filter(credential -> !over.contains(credential))
                                        .toList(),
                                token.lastUsed()))
                        .toList());
        dataPlane.revoke(tunnel.id(), TokenBook.ids(over.stream()));
        log.info("Tunnel {}: {} credentials were not renewed in time", tunnel.id(), over.size());
    }
}
