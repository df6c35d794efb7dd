package io.culvert.web.caller;

import io.culvert.web.http.BrowserGuard;
import io.culvert.web.http.HostName;
import io.culvert.web.http.Peer;
import io.culvert.web.http.Peers;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Turns a request into who sends it: by the {@code Authorization} header, by the keys that the seed's API takes elsewhere, by the cookie of a login, or because nobody is
 * asked. Every credential that is shown must be a good one, and all of them the same caller's: of two that differ, one would else be passed
 * over in silence. Thread-safe; never waits.
 */
public final class Reception {
    private static final String BEARER = "Bearer ";

    private final Doorman doorman;
    private final Peers peers;

    /** @param peers where requests come from */
    public Reception(Doorman doorman, Peers peers) {
        this.doorman = doorman;
        this.peers = peers;
    }

    /** True where nobody is asked. */
    public boolean isOpen() {
        return doorman.isOpen();
    }

    /** Where a request comes from. */
    public Sender sender(HttpServerRequest request) {
        @Nullable String agent = request.getHeader("User-Agent");
        return new Sender(peers.of(request), agent == null ? "" : agent, HostName.of(request.getHeader("Host")));
    }

    /**
     * Refuses pages of elsewhere where nobody is asked. Comes before everything else.
     *
     * @throws io.culvert.web.input.Refusal with 403
     */
    public void guard(HttpServerRequest request) {
        if (doorman.isOpen()) {
            BrowserGuard.check(request.headers());
        }
    }

    /**
     * Somebody who asks for what is told to everybody.
     *
     * @throws io.culvert.web.input.Refusal with 403, where a page of another site would change something: sign somebody in, for one
     */
    public Guest anybody(HttpServerRequest request) {
        Peer peer = peers.of(request);
        if (!request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.HEAD)) {
            OwnPage.check(request, peer);
        }
        return Guest.nobody(peer.address());
    }

    /**
     * Who has just signed in.
     *
     * @param secret of the new login
     * @throws IllegalStateException where that has ended again
     */
    public Guest entered(String secret, Peer peer) {
        return doorman.login(secret, peer.address())
                .orElseThrow(() -> new IllegalStateException("a login that ended before it was told of"));
    }

    /**
     * Who sends the request; empty where nobody gets in with what it shows.
     *
     * @param further keys that stand elsewhere than in the header
     * @throws io.culvert.control.ThrottledException after too many wrong credentials from there
     * @throws io.culvert.web.input.Refusal with 403, where a page of another site would use somebody's login
     */
    public Optional<Guest> guest(HttpServerRequest request, List<String> further) {
        Peer peer = peers.of(request);
        InetAddress from = peer.address();
        List<String> keys = new ArrayList<>();
        for (String header : request.headers().getAll("Authorization")) {
            boolean bearer = header.regionMatches(true, 0, BEARER, 0, BEARER.length());
            keys.add(bearer ? header.substring(BEARER.length()).strip() : "");
        }
        keys.addAll(further);
        if (keys.isEmpty()) {
            // A login's cookie is looked at here, and only here: whoever shows a key is who the key says.
            Optional<Guest> visitor =
                    LoginCookie.read(request.headers(), peer).flatMap(secret -> doorman.login(secret, from));
            visitor.flatMap(Guest::visit).ifPresent(visit -> OwnPage.check(request, peer, visit));
            return visitor.isPresent() ? visitor : doorman.key(null, from);
        }
        Optional<Guest> first = Optional.empty();
        for (String key : keys) {
            Optional<Guest> guest = doorman.key(key, from);
            if (guest.isEmpty()
                    || first.filter(other -> !other.caller()
                                    .name()
                                    .equals(guest.get().caller().name()))
                            .isPresent()) {
                return Optional.empty();
            }
            first = guest;
        }
        return first;
    }
}
