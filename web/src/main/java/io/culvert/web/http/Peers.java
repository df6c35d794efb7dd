package io.culvert.web.http;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Tells where requests come from. What they say of it themselves counts only where they come from a trusted proxy, and then of the chain of
 * addresses only the part that trusted proxies wrote. Immutable, any thread.
 */
public final class Peers {
    private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(?:\\.[0-9]{1,3}){3}");
    private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");
    private static final int MOST_HOPS = 32;
    private static final List<String> PASSED_ON = List.of("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via");

    private final Predicate<InetAddress> trusted;

    /** @param trusted whether an address is that of a proxy whose word counts */
    public Peers(Predicate<InetAddress> trusted) {
        this.trusted = trusted;
    }

    /** Whether this is the address of a trusted proxy. */
    public boolean isProxy(InetAddress address) {
        return trusted.test(address);
    }

    /** Where a request comes from. */
    public Peer of(HttpServerRequest request) {
        InetAddress nearest = address(request.remoteAddress().hostAddress())
                .orElseThrow(() -> new IllegalStateException("a connection from no address"));
        boolean tls = request.isSSL();
        if (trusted.test(nearest)) {
            return told(nearest, tls, request.headers());
        }
        boolean passedOn = PASSED_ON.stream().anyMatch(request.headers()::contains);
        return new Peer(nearest, tls, !passedOn);
    }

    private Peer told(InetAddress proxy, boolean tls, MultiMap headers) {
        List<String> common = elements(headers.getAll("X-Forwarded-For"));
        List<String> standard = elements(headers.getAll("Forwarded"));
        InetAddress address = proxy;
        if (standard.isEmpty()) {
            address = walk(proxy, common);
        } else {
            InetAddress said = walk(
                    proxy, standard.stream().map(each -> field(each, "for")).toList());
            // A proxy that writes one of the two may pass on what a caller
            // says in the other: where they differ, neither counts.
            if (common.isEmpty() || walk(proxy, common).equals(said)) {
                address = said;
            }
        }
        List<String> schemes = new ArrayList<>(elements(headers.getAll("X-Forwarded-Proto")));
        standard.stream()
                .map(each -> field(each, "proto"))
                .filter(each -> !each.isEmpty())
                .forEach(schemes::add);
        boolean secure = schemes.isEmpty() ? tls : schemes.stream().allMatch("https"::equalsIgnoreCase);
        return new Peer(address, secure, true);
    }

    /** From the nearest hop outwards to the first that no trusted proxy is. */
    private InetAddress walk(InetAddress proxy, List<String> hops) {
        InetAddress at = proxy;
        for (int i = hops.size() - 1; i >= Math.max(0, hops.size() - MOST_HOPS) && trusted.test(at); i--) {
            Optional<InetAddress> next = node(hops.get(i));
            if (next.isEmpty()) {
                return at;
            }
            at = next.get();
        }
        return at;
    }

    private static List<String> elements(List<String> headers) {
        return headers.stream()
                .flatMap(header -> Arrays.stream(header.split(",", -1)))
                .map(String::strip)
                .filter(each -> !each.isEmpty())
                .toList();
    }

    private static String field(String element, String name) {
        return Arrays.stream(element.split(";", -1))
                .map(String::strip)
                .filter(pair -> pair.toLowerCase(Locale.ROOT).startsWith(name + "="))
                .map(pair -> pair.substring(name.length() + 1).replace("\"", "").strip())
                .findFirst()
                .orElse("");
    }

    /** {@code 192.0.2.1}, {@code 192.0.2.1:4711}, {@code 2001:db8::1}, {@code [2001:db8::1]} or {@code [2001:db8::1]:4711}. */
    private static Optional<InetAddress> node(String text) {
        String host = text;
        if (text.startsWith("[")) {
            int end = text.indexOf(']');
            host = end < 0 ? "" : text.substring(1, end);
        } else if (text.indexOf('.') >= 0 && text.indexOf(':') == text.lastIndexOf(':') && text.indexOf(':') > 0) {
            host = text.substring(0, text.indexOf(':'));
        }
        return address(host);
    }

    /** Reads a literal address; no name is ever looked up. */
    private static Optional<InetAddress> address(String text) {
        int zone = text.indexOf('%');
        String literal = zone < 0 ? text : text.substring(0, zone);
        if (!IPV4.matcher(literal).matches() && !IPV6.matcher(literal).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.getByName(literal));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }
}
