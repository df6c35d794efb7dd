package io.culvert.control;

import io.culvert.control.caller.Permission;
import io.culvert.control.event.EventKind;
import io.culvert.gateway.DataPlane;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes, lists and revokes join tokens at callers' wishes. Control thread only; what waits says so. */
final class TokenIssuer {
    /** Tokens of one tunnel. */
    static final int MOST = 100;

    private static final Logger log = LoggerFactory.getLogger(TokenIssuer.class);
    private static final Duration LONGEST = Duration.ofDays(3650);

    private final DataPlane dataPlane;
    private final TunnelTable table;
    private final TunnelMaker maker;
    private final TokenBook book;
    private final News news;

    TokenIssuer(DataPlane dataPlane, TunnelTable table, TunnelMaker maker, TokenBook book, News news) {
        this.dataPlane = dataPlane;
        this.table = table;
        this.maker = maker;
        this.book = book;
        this.news = news;
    }

    /** All tokens of a tunnel, the oldest first. */
    List<IssuedToken> list(Caller caller, long id) {
        return table.entry(caller, Permission.TUNNELS_READ, id).stored().tokens();
    }

    /**
     * Makes a token. Inside a change: waits for the store.
     *
     * @param ttl how long it can be exchanged; empty for as long as the tunnel lives
     * @param uses how often, 1 to {@value TokenKeeper#MOST_USES}; empty for any number
     */
    NewJoinToken create(Caller caller, long id, Optional<Duration> ttl, OptionalInt uses) {
        LivingTunnel tunnel = book.changeable(caller, id);
        if (ttl.isPresent()
                && (ttl.get().isNegative() || ttl.get().isZero() || ttl.get().compareTo(LONGEST) > 0)) {
            throw new InvalidRequestException(
                    "ttl_seconds",
                    String.valueOf(ttl.get().toSeconds()),
                    "more than zero, at most " + LONGEST.toSeconds());
        }
        if (uses.isPresent() && (uses.getAsInt() < 1 || uses.getAsInt() > TokenKeeper.MOST_USES)) {
            throw new InvalidRequestException("uses", String.valueOf(uses.getAsInt()), "1 to " + TokenKeeper.MOST_USES);
        }
        Instant now = book.now();
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
                book.newId(),
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
        book.commit(tunnel, tokens);
        news.tell(
                EventKind.TOKEN_CREATED,
                id,
                "join token " + token.id() + " for " + caller.name(),
                TokenBook.details(token));
        log.info("Tunnel {}: join token {} for {}", id, token.id(), caller.name());
        return new NewJoinToken(token, secret.join());
    }

    /**
     * Ends a token, the credentials that it was exchanged for, and their sessions. Repeating it changes nothing. Inside a change: waits for
     * the store; a revocation that cannot be remembered is refused.
     */
    IssuedToken revoke(Caller caller, long id, String name) {
        LivingTunnel tunnel = table.entry(caller, Permission.TUNNELS_WRITE, id);
        IssuedToken token = tunnel.stored().tokens().stream()
                .filter(each -> each.id().equals(name))
                .findFirst()
                .orElseThrow(() -> new NoSuchTokenException(id, name));
        if (token.revokedAt().isPresent()) {
            return token;
        }
        IssuedToken revoked = token.revoked(book.now());
        Set<String> ended = TokenBook.ids(token.credentials().stream());
        book.revoke(tunnel, token, revoked);
        dataPlane.revoke(id, ended);
        news.tell(
                EventKind.TOKEN_REVOKED,
                id,
                "join token " + name + " revoked by " + caller.name(),
                TokenBook.details(token));
        log.info("Tunnel {}: join token {} revoked by {}", id, name, caller.name());
        return revoked;
    }
}
