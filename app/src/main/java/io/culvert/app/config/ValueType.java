package io.culvert.app.config;

import io.culvert.control.PortPool;
import io.culvert.gateway.Cidr;
import io.culvert.gateway.PortRange;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How the text of a setting is read. Immutable, any thread.
 *
 * @param label what help texts call such a value, {@code HOST:PORT}
 * @param expected what a person is told who wrote something else
 * @param reader empty where the text is not such a value
 * @param shown what a message shows of a text that is not such a value: less than all of it where a secret may stand in it
 */
public record ValueType<T>(
        String label, String expected, Function<String, Optional<T>> reader, Function<String, String> shown) {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)?");

    /** A type whose faulty texts may be shown. */
    public ValueType(String label, String expected, Function<String, Optional<T>> reader) {
        this(label, expected, reader, text -> text);
    }

    /** {@code true} or {@code false}. */
    public static final ValueType<Boolean> SWITCH =
            new ValueType<>("true|false", "true or false", ValueType::readSwitch);

    /** True of {@link #SWITCH} alone. By the label, since a record's own {@code equals} spins classes at its first use, in each start. */
    boolean isSwitch() {
        return label.equals(SWITCH.label);
    }

    /** Whether the server signs for itself. */
    public static final ValueType<Boolean> TLS = new ValueType<>(
            "off|self",
            "off or self; for a certificate of your own, leave it out and name tls-cert and tls-key",
            text -> switch (text) {
                case "self" -> Optional.of(true);
                case "off" -> Optional.of(false);
                default -> Optional.empty();
            });

    /** A block of addresses. */
    public static final ValueType<Cidr> BLOCK = new ValueType<>(
            "ADDRESS[/BITS]",
            "an address or a block of them, as 10.0.0.1, 10.0.0.0/8 or fd00::/8",
            ValueType::readBlock);

    /** An address to listen on, port 0 included. */
    public static final ValueType<Address> LISTEN = new ValueType<>(
            "HOST:PORT", "HOST:PORT with a port of 0 to 65535, as 127.0.0.1:8000 or [::1]:8000", Address::parse);

    /** An address to connect to: port 0 is none. */
    public static final ValueType<Address> REMOTE = new ValueType<>(
            "HOST:PORT",
            "HOST:PORT with a port of 1 to 65535, as example.org:7000 or [2001:db8::1]:7000",
            text -> Address.parse(text).filter(address -> address.port() > 0));

    /** A name or an address. */
    public static final ValueType<String> HOST = new ValueType<>("HOST", "a host name or an IP address", Address::host);

    /** A port, 0 included. */
    public static final ValueType<Integer> PORT = new ValueType<>("PORT", "0 to 65535", Address::port);

    /** A range of ports. */
    public static final ValueType<PortRange> PORTS = new ValueType<>(
            "FROM-TO", "FROM-TO with 1 ≤ FROM ≤ TO ≤ 65535, or 0 for any free port", ValueType::readPorts);

    /** A named range of ports. */
    public static final ValueType<PortPool> POOL = new ValueType<>(
            "NAME=FROM-TO",
            "NAME=FROM-TO with a name of 1 to 64 of a-z A-Z 0-9 . _ - and 1 ≤ FROM ≤ TO ≤ 65535, as web=8000-8999",
            ValueType::readPool);

    /** A path of a file or a directory; whether it exists is not looked at here. */
    public static final ValueType<Path> PATH = new ValueType<>("PATH", "a path", ValueType::readPath);

    /** A path of a file, or {@code -} for standard input. */
    public static final ValueType<Path> FILE_OR_STDIN =
            new ValueType<>("FILE", "the path of a file, or - for standard input", ValueType::readPath);

    /** The address of a server's API. */
    public static final ValueType<URI> URL =
            new ValueType<>("URL", "http://HOST:PORT or https://HOST:PORT", ValueType::readUrl);

    /** A PostgreSQL database; a text with a password in it is none. */
    public static final ValueType<DatabaseUrl> DATABASE =
            new ValueType<>("URL", DatabaseUrl.EXPECTED, DatabaseUrl::parse, DatabaseUrl::masked);

    /** A role of a database: PostgreSQL knows names of up to 63 bytes. */
    public static final ValueType<String> ROLE = new ValueType<>(
            "NAME",
            "a name of 1 to 63 characters, none of them a control character",
            text -> !text.isBlank() && text.length() <= 63 && text.chars().noneMatch(Character::isISOControl)
                    ? Optional.of(text)
                    : Optional.empty());

    /** One word of up to 255 characters. */
    public static final ValueType<String> WORD = new ValueType<>(
            "WORD",
            "1 to 255 characters of ASCII without blanks",
            text -> text.matches("[!-~]{1,255}") ? Optional.of(text) : Optional.empty());

    /** What a group of an identity provider is here. */
    public static final ValueType<GroupRole> GROUP = new ValueType<>(
            "GROUP=WHAT",
            "GROUP=admin or GROUP=PROJECT:ROLE with viewer, member or operator, as ops=admin or staff=default:member",
            GroupRole::parse);

    /** A lease's length, one second to 30 days; a number without unit counts seconds. */
    public static final ValueType<Duration> TTL =
            new ValueType<>("TIME", "1s to 30d, as 90s, 15m, 8h", ValueType::readTtl);

    /** One to 64 sessions. */
    public static final ValueType<Integer> SESSIONS =
            new ValueType<>("N", "1 to 64", text -> Address.port(text).filter(n -> n >= 1 && n <= 64));

    /** How many connections. */
    public static final ValueType<Integer> CONNECTIONS =
            new ValueType<>("N", "1 to 1024", text -> Address.port(text).filter(n -> n >= 1 && n <= 1_024));

    /** The name of a file with a server and a key, which is a word of the file's name. */
    public static final ValueType<String> PROFILE = new ValueType<>(
            "NAME",
            "a name of 1 to 63 of a-z A-Z 0-9 . _ -, which begins with a letter or a digit",
            text -> text.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,62}") ? Optional.of(text) : Optional.empty());

    /** Up to 1,000 characters without control characters. */
    public static final ValueType<String> COMMENT = new ValueType<>(
            "TEXT",
            "at most 1000 characters, none of them a control character",
            text -> text.length() <= 1000 && text.chars().noneMatch(Character::isISOControl)
                    ? Optional.of(text)
                    : Optional.empty());

    private static Optional<Boolean> readSwitch(String text) {
        return switch (text) {
            case "true" -> Optional.of(true);
            case "false" -> Optional.of(false);
            default -> Optional.empty();
        };
    }

    private static Optional<PortRange> readPorts(String text) {
        int dash = text.indexOf('-');
        Optional<Integer> from = Address.port(dash < 0 ? text : text.substring(0, dash));
        Optional<Integer> to = Address.port(dash < 0 ? text : text.substring(dash + 1));
        if (from.isEmpty() || to.isEmpty() || from.get() > to.get() || (from.get() == 0 && to.get() != 0)) {
            return Optional.empty();
        }
        return Optional.of(new PortRange(from.get(), to.get()));
    }

    private static Optional<PortPool> readPool(String text) {
        int equals = text.indexOf('=');
        Optional<PortRange> range = readPorts(text.substring(equals + 1)).filter(ports -> !ports.any());
        try {
            return range.map(ports -> new PortPool(text.substring(0, Math.max(equals, 0)), ports.from(), ports.to()));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Optional<Cidr> readBlock(String text) {
        try {
            return Optional.of(Cidr.parse(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Optional<Path> readPath(String text) {
        try {
            return text.isBlank() ? Optional.empty() : Optional.of(Path.of(text));
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    private static Optional<URI> readUrl(String text) {
        try {
            URI uri = new URI(text);
            boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            // An address with a user's name and password in it would put a secret into argv.
            boolean plain = uri.getRawUserInfo() == null && uri.getRawQuery() == null && uri.getRawFragment() == null;
            return web && plain && uri.getHost() != null && uri.getPort() <= 65535
                    ? Optional.of(uri)
                    : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    private static Optional<Duration> readTtl(String text) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        long amount = Long.parseLong(matcher.group(1));
        String unit = Optional.ofNullable(matcher.group(2)).orElse("s");
        Duration read = switch (unit) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            default -> Duration.ofDays(amount);
        };
        boolean sane = read.compareTo(Duration.ofSeconds(1)) >= 0 && read.compareTo(Duration.ofDays(30)) <= 0;
        return sane ? Optional.of(read) : Optional.empty();
    }
}
