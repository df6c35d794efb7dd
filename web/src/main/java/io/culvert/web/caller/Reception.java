package io.culvert.web.caller;

import io.culvert.web.http.BrowserGuard;
import io.vertx.core.http.HttpServerRequest;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Turns a request into who sends it: by the {@code Authorization} header, by the keys that the seed's API takes elsewhere, or because nobody is
 * asked. Every credential that is shown must be a good one, and all of them the same caller's: of two that differ, one would else be passed
 * over in silence. Thread-safe; never waits.
 */
public final class Reception {
    private static final String BEARER = "Bearer ";

    private final Doorman doorman;
    private final Function<HttpServerRequest, InetAddress> addresses;

    /** @param addresses where a request comes from, behind whatever is trusted to say so */
    public Reception(Doorman doorman, Function<HttpServerRequest, InetAddress> addresses) {
        this.doorman = doorman;
        this.addresses = addresses;
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

    /** Somebody who asks for what is told to everybody. */
    public Guest anybody(HttpServerRequest request) {
        return Guest.nobody(addresses.apply(request));
    }

    /**
     * Who sends the request; empty where nobody gets in with what it shows.
     *
     * @param further keys that stand elsewhere than in the header
     * @throws io.culvert.control.ThrottledException after too many wrong credentials from there
     */
    public Optional<Guest> guest(HttpServerRequest request, List<String> further) {
        InetAddress from = addresses.apply(request);
        List<String> keys = new ArrayList<>();
        for (String header : request.headers().getAll("Authorization")) {
            boolean bearer = header.regionMatches(true, 0, BEARER, 0, BEARER.length());
            keys.add(bearer ? header.substring(BEARER.length()).strip() : "");
        }
        keys.addAll(further);
        if (keys.isEmpty()) {
            // A login's cookie is looked at here, and only here: whoever shows a key is who the key says.
            return doorman.key(null, from);
        }
        Optional<Guest> first = Optional.empty();
        for (String key : keys) {
            Optional<Guest> guest = doorman.key(key, from);
            if (guest.isEmpty()
                    || first.filter(other -> !other.caller().name().equals(guest.get().caller().name()))
                            .isPresent()) {
                return Optional.empty();
            }
            first = guest;
        }
        return first;
    }
}
