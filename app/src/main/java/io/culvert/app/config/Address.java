package io.culvert.app.config;

import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A host and a port, as a person writes them: {@code 127.0.0.1:8000}, {@code example.org:7000}, {@code [::1]:8000}. Immutable, any
 * thread.
 *
 * @param host a name or a literal address, without brackets
 * @param port 0 to 65535; 0 where the system shall choose
 */
public record Address(String host, int port) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_.])?");
    private static final Pattern IPV4 =
            Pattern.compile("((25[0-5]|2[0-4]\\d|1?\\d?\\d)\\.){3}(25[0-5]|2[0-4]\\d|1?\\d?\\d)");
    private static final Pattern NUMERIC = Pattern.compile("[0-9.]+");
    private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*(%[A-Za-z0-9_.-]+)?");

    /** Reads {@code HOST:PORT} or {@code [IPV6]:PORT}; empty where it is neither. No name is looked up. */
    public static Optional<Address> parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 0) {
            return Optional.empty();
        }
        String host = text.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        if (!bracketed && host.indexOf(':') >= 0) {
            // ::1:8000 could mean two things.
            return Optional.empty();
        }
        Optional<Integer> port = port(text.substring(colon + 1));
        return host(host).flatMap(h -> port.map(p -> new Address(h, p)));
    }

    /** Reads a name, an IPv4 or an IPv6 address (with or without brackets); empty where it is none of these. */
    public static Optional<String> host(String text) {
        if (text.startsWith("[") && text.endsWith("]")) {
            String inner = text.substring(1, text.length() - 1);
            return IPV6.matcher(inner).matches() ? Optional.of(inner) : Optional.empty();
        }
        if (IPV6.matcher(text).matches()) {
            return Optional.of(text);
        }
        // What consists of digits and dots is meant as an address: 127.0.0.300 is a slip, not a name.
        Pattern expected = NUMERIC.matcher(text).matches() ? IPV4 : NAME;
        return expected.matcher(text).matches() ? Optional.of(text) : Optional.empty();
    }

    /** Reads a port, 0 to 65535, digits only; empty where it is none. */
    public static Optional<Integer> port(String text) {
        if (text.isEmpty() || text.length() > 5 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return Optional.empty();
        }
        int port = Integer.parseInt(text);
        return port <= 65535 ? Optional.of(port) : Optional.empty();
    }

    /** Where a URL with a host leads; its port is 0 where it names none. */
    public static Address of(URI url) {
        return new Address(url.getHost().replaceAll("[\\[\\]]", ""), Math.max(0, url.getPort()));
    }

    /** True where only this machine can reach the address: {@code localhost}, 127.0.0.0/8, {@code ::1}. No name is looked up. */
    public boolean isLoopback() {
        return host.toLowerCase(Locale.ROOT).equals("localhost")
                || (IPV4.matcher(host).matches() && host.startsWith("127."))
                || host.equals("::1")
                || host.equals("0:0:0:0:0:0:0:1");
    }

    /** The same host with another port: what was asked for with 0 and what was given. */
    public Address withPort(int actual) {
        return new Address(host, actual);
    }

    @Override
    public String toString() {
        return host.indexOf(':') < 0 ? host + ":" + port : "[" + host + "]:" + port;
    }
}
