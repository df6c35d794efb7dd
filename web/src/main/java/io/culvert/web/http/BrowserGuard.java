package io.culvert.web.http;

import io.culvert.web.input.Refusal;
import io.vertx.core.MultiMap;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Guards an API without keys, which is open to this machine only, against pages that the browser on this machine has open: a page of
 * another site can send requests to 127.0.0.1, and by pointing its own name there (DNS rebinding) read the answers. Stateless.
 */
public final class BrowserGuard {
    private static final Pattern LOOPBACK = Pattern.compile(
            "(?:localhost|[a-z0-9-]+\\.localhost|127\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}|\\[::1])(?::[0-9]{1,5})?");

    private BrowserGuard() {}

    /** Refuses with 403 what does not come from this machine's own programs or this server's own page. */
    public static void check(MultiMap headers) {
        List<String> hosts = headers.getAll("Host");
        String host = hosts.size() == 1 ? hosts.get(0).toLowerCase(Locale.ROOT) : "";
        if (!LOOPBACK.matcher(host).matches()) {
            throw new Refusal(
                    403, "Host: not a loopback name (expected: localhost or 127.0.0.1, as this API asks for no key)");
        }
        @Nullable String site = headers.get("Sec-Fetch-Site");
        if (site != null && !site.equals("same-origin") && !site.equals("none")) {
            throw elsewhere("Sec-Fetch-Site");
        }
        @Nullable String origin = headers.get("Origin");
        if (origin != null) {
            String from = origin.toLowerCase(Locale.ROOT);
            if (!from.equals("http://" + host) && !from.equals("https://" + host)) {
                throw elsewhere("Origin");
            }
        }
    }

    private static Refusal elsewhere(String header) {
        return new Refusal(
                403, header + ": sent by a page of another site (expected: this server's own page or a program)");
    }
}
