package io.culvert.web.http;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The name under which a caller reached this server: it goes into command lines, so only harmless characters pass. Stateless, any thread. */
public final class HostName {
    /** Said where the caller named no host that could be passed on. */
    public static final String UNKNOWN = "SERVER";

    private static final Pattern HOST =
            Pattern.compile("(?<host>[A-Za-z0-9][A-Za-z0-9._-]{0,252}|\\[[0-9A-Fa-f:.]{2,45}])(?::[0-9]{1,5})?");

    private HostName() {}

    /** The host of a {@code Host} header, without its port; IPv6 in brackets. */
    public static String of(@Nullable String header) {
        Matcher matcher = HOST.matcher(header == null ? "" : header);
        return matcher.matches() ? matcher.group("host") : UNKNOWN;
    }
}
