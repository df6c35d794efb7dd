package io.culvert.control;

import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** How the tokens of a tunnel are changed, in memory and in the store, and when their credentials end. Control thread only. */
final class TokenBook {
    private final InstantSource wallClock;
    private final StoreDesk desk;
    private final TunnelTable table;
    private final TunnelChanger changer;
    private final CredentialClock clock;
    private final SecureRandom random = new SecureRandom();

    TokenBook(InstantSource wallClock, Ticker ticker, StoreDesk desk, TunnelTable table, TunnelChanger changer) {
        this.wallClock = wallClock;
        this.desk = desk;
        this.table = table;
        this.changer = changer;
        this.clock = new CredentialClock(ticker, table);
    }

    Instant now() {
        return wallClock.instant();
    }

    CredentialClock clock() {
        return clock;
    }

    /** A living tunnel that can still be changed, and by this caller. */
    LivingTunnel changeable(Caller caller, long id) {
        return changer.changeable(caller, id);
    }

    /** Stores it, and makes it so; or throws, and nothing has changed. Inside a change: waits for the store. */
    void commit(LivingTunnel tunnel, List<IssuedToken> tokens) {
        changer.commit(tunnel, with(tunnel, tokens));
        clock.set(tunnel.stored(), wallClock.instant());
    }

    /** The same also where the tunnel is at its end: visitors who may stay are no reason to keep an agent that may not. */
    void revoke(LivingTunnel tunnel, IssuedToken token, IssuedToken revoked) {
        changer.commitAlsoAtItsEnd(tunnel, with(tunnel, replace(tunnel, token, revoked)));
        clock.set(tunnel.stored(), wallClock.instant());
    }

    /** Makes it so in memory at once, and on disk soon. */
    void put(LivingTunnel tunnel, List<IssuedToken> tokens) {
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

    static List<IssuedToken> replace(LivingTunnel tunnel, IssuedToken old, IssuedToken next) {
        return tunnel.stored().tokens().stream()
                .map(each -> each.id().equals(old.id()) ? next : each)
                .toList();
    }

    static Set<String> ids(Stream<SessionCredential> credentials) {
        return credentials.map(SessionCredential::id).collect(Collectors.toUnmodifiableSet());
    }

    static Map<String, String> details(IssuedToken token) {
        return Map.of("token", token.id());
    }

    /** A name that no token or credential has. */
    String newId() {
        byte[] bytes = new byte[8];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
