package io.culvert.control.hook;

import io.culvert.control.FieldPath;
import io.culvert.control.InvalidRequestException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.regex.Pattern;

/** What a caller may ask of a webhook; the fields are called as in the API. No state, any thread. */
final class HookRules {
    private static final int LONGEST_URL = 2_048;
    private static final int SHORTEST_SECRET = 16;
    private static final int LONGEST_SECRET = 256;
    private static final int MOST_LABELS = 32;
    private static final int LONGEST_LABEL = 256;
    private static final int LAST_PORT = 65_535;
    private static final Pattern LITERAL = Pattern.compile("\\[.*]|[0-9.]+|0[xX][0-9a-fA-F.xX]+");

    private HookRules() {}

    /** The address of a webhook. Names are not looked up: whoever sends does that, each time. */
    static URI url(String text, AddressRule rule) {
        if (text.length() > LONGEST_URL) {
            throw new InvalidRequestException(
                    "url", text.substring(0, 40) + "…", "at most " + LONGEST_URL + " characters");
        }
        URI url;
        try {
            url = new URI(text).parseServerAuthority();
        } catch (URISyntaxException e) {
            throw new InvalidRequestException("url", text, "http://HOST[:PORT]/PATH or https://…");
        }
        String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw new InvalidRequestException("url", text, "http:// or https://");
        }
        if (url.getRawUserInfo() != null) {
            // Not echoed: it may be a password.
            throw new InvalidRequestException("url", scheme + "://…@" + url.getHost(), "no user or password in it");
        }
        if (url.getHost() == null || url.getRawFragment() != null) {
            throw new InvalidRequestException("url", text, "a host, and no fragment");
        }
        if (url.getPort() == 0 || url.getPort() > LAST_PORT) {
            throw new InvalidRequestException("url", text, "a port of 1 to 65535");
        }
        if (LITERAL.matcher(url.getHost()).matches()) {
            refuseAddress(text, url.getHost(), rule);
        }
        return url;
    }

    private static void refuseAddress(String text, String literal, AddressRule rule) {
        try {
            rule.refusal(InetAddress.getByName(literal)).ifPresent(why -> {
                throw new InvalidRequestException("url", text, "an address that webhooks may be at; " + why);
            });
        } catch (UnknownHostException e) {
            throw new InvalidRequestException("url", text, "an address or a name that can be");
        }
    }

    /** A secret that a caller brings. It is never part of the message. */
    static String secret(String secret) {
        boolean visible = secret.chars().allMatch(c -> c > ' ' && c < 127);
        if (!visible || secret.length() < SHORTEST_SECRET || secret.length() > LONGEST_SECRET) {
            throw new InvalidRequestException(
                    "secret",
                    secret.length() + " characters",
                    SHORTEST_SECRET + " to " + LONGEST_SECRET + " visible ASCII characters");
        }
        return secret;
    }

    static Webhook.Filter filter(Webhook.Filter filter) {
        if (filter.labels().size() > MOST_LABELS) {
            throw new InvalidRequestException(
                    "labels", String.valueOf(filter.labels().size()), "at most " + MOST_LABELS);
        }
        filter.labels().forEach((name, value) -> {
            if (name.isEmpty() || name.length() > LONGEST_LABEL || value.length() > LONGEST_LABEL) {
                throw new InvalidRequestException(
                        FieldPath.of("labels", name),
                        value.substring(0, Math.min(value.length(), 40)),
                        "1 to " + LONGEST_LABEL + " characters");
            }
        });
        if (filter.tunnel().isPresent() && filter.tunnel().getAsLong() < 0) {
            throw new InvalidRequestException(
                    "tunnel", String.valueOf(filter.tunnel().getAsLong()), "the number of a tunnel");
        }
        return filter;
    }
}
