package io.culvert.app.remote;

import io.culvert.app.config.Address;
import io.culvert.app.config.ValueType;
import io.culvert.client.Expose;
import io.culvert.client.State;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How what is said about tunnels is read. Any thread. */
final class Values {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)?");
    private static final Pattern SIZE = Pattern.compile("(\\d{1,15})(k|M|G|T|Ki|Mi|Gi|Ti)?B?");
    private static final Pattern LABEL = Pattern.compile("([A-Za-z0-9._/-]{1,63})=(\\P{Cntrl}{0,200})");
    private static final Pattern TARGET = Pattern.compile("(tcp://|udp://)?(.*?)(\\d{1,5})(?:-(\\d{1,5}))?");
    private static final Map<String, Long> UNITS = Map.of(
            "k",
            1_000L,
            "M",
            1_000_000L,
            "G",
            1_000_000_000L,
            "T",
            1_000_000_000_000L,
            "Ki",
            1L << 10,
            "Mi",
            1L << 20,
            "Gi",
            1L << 30,
            "Ti",
            1L << 40);

    private Values() {}

    /** Any text. */
    static final ValueType<String> TEXT = new ValueType<>("TEXT", "a text", Optional::of);

    /** A name of 1 to 100 characters. */
    static final ValueType<String> NAME = new ValueType<>(
            "NAME",
            "a name of 1 to 100 characters, not blank",
            text -> text.isBlank() || text.length() > 100 ? Optional.empty() : Optional.of(text));

    /** How often a token can be exchanged. */
    static final ValueType<Integer> USES = new ValueType<>(
            "N",
            "1 to 100",
            text -> number(text).filter(n -> n >= 1 && n <= 100).map(Long::intValue));

    /** A name, or none. */
    static final ValueType<Optional<String>> NAME_OR_NONE = orNone(NAME);

    /** A duration. */
    static final ValueType<Duration> TIME = new ValueType<>("TIME", "a time, as 500ms, 90s, 15m, 8h, 7d", Values::time);

    /** A duration, or none. */
    static final ValueType<Optional<Duration>> TIME_OR_NONE = orNone(TIME);

    /** Bytes. */
    static final ValueType<Long> SIZE_OF =
            new ValueType<>("SIZE", "bytes, as 1500, 64k, 5G (thousands) or 64Ki, 5Gi (1024s)", Values::size);

    /** Bytes, or none. */
    static final ValueType<Optional<Long>> SIZE_OR_NONE = orNone(SIZE_OF);

    /** 1 to a million. */
    static final ValueType<Long> COUNT =
            new ValueType<>("N", "1 to 1000000", text -> number(text).filter(n -> n >= 1 && n <= 1_000_000));

    /** 1 to a million, or none. */
    static final ValueType<Optional<Long>> COUNT_OR_NONE = orNone(COUNT);

    /** A number that names something. */
    static final ValueType<Long> NUMBER = new ValueType<>("N", "a number of 0 or more", Values::number);

    /** Which expose. */
    static final ValueType<Integer> INDEX = new ValueType<>(
            "N", "0 to 63", text -> number(text).filter(n -> n <= 63).map(Long::intValue));

    /** How long something is measured. */
    static final ValueType<Integer> SECONDS = new ValueType<>(
            "N", "1 to 60", text -> number(text).filter(n -> n >= 1 && n <= 60).map(Long::intValue));

    /** Connections at once. */
    static final ValueType<Integer> STREAMS = new ValueType<>(
            "N", "1 to 64", text -> number(text).filter(n -> n >= 1 && n <= 64).map(Long::intValue));

    /** {@code key=value}. */
    static final ValueType<Map.Entry<String, String>> LABEL_OF = new ValueType<>(
            "KEY=VALUE", "KEY=VALUE with a key of A-Z a-z 0-9 . _ / -, as ci=build-4711", Values::label);

    /** A label's key. */
    static final ValueType<String> LABEL_KEY = new ValueType<>(
            "KEY",
            "a label's key, as ci",
            text -> text.matches("[A-Za-z0-9._/-]{1,63}") ? Optional.of(text) : Optional.empty());

    /** An address block, or none. */
    static final ValueType<Optional<String>> BLOCK_OR_NONE = orNone(new ValueType<>(
            "BLOCK",
            "an address or a block, as 192.0.2.0/24 or 2001:db8::1",
            text -> text.matches("[0-9A-Fa-f.:]{2,45}(/\\d{1,3})?") ? Optional.of(text) : Optional.empty()));

    /** A moment: as the API writes it, or so long ago or from now. */
    static final ValueType<Instant> MOMENT = new ValueType<>(
            "MOMENT", "a moment, as 2026-11-23T12:00:00Z, or counted from now, as -2h or +30m", Values::moment);

    /** A moment, or none. */
    static final ValueType<Optional<Instant>> MOMENT_OR_NONE = orNone(MOMENT);

    /** A state. */
    static final ValueType<State> STATE = new ValueType<>(
            "STATE",
            "waiting, up, degraded, paused, draining or ended",
            text -> Arrays.stream(State.values())
                    .filter(state -> state != State.OTHER && state.toString().equals(text))
                    .findFirst());

    /** A port with its protocol. */
    static final ValueType<Expose> PUBLIC_PORT = new ValueType<>(
            "PORT", "PORT, tcp/PORT or udp/PORT with a port of 1 to 65535, as 20022 or udp/5353", Values::publicPort);

    /** What visitors shall reach, and from which public port. */
    static final ValueType<Expose> TARGET_OF = new ValueType<>(
            "TARGET", "[udp://][HOST:]PORT[-PUBLICPORT], as 8080, 192.168.1.7:22-22022 or udp://53", Values::target);

    static ValueType<String> oneOf(String... words) {
        String list = String.join(", ", Arrays.copyOf(words, words.length - 1)) + " or " + words[words.length - 1];
        return new ValueType<>(
                String.join("|", words),
                list,
                text -> Arrays.asList(words).contains(text) ? Optional.of(text) : Optional.empty());
    }

    private static <T> ValueType<Optional<T>> orNone(ValueType<T> type) {
        return new ValueType<>(type.label(), type.expected() + "; or none", text -> {
            Optional<T> value =
                    text.equals("none") ? Optional.empty() : type.reader().apply(text);
            // Outside: whether it could be read. Inside: whether there is one.
            return value.isPresent() || text.equals("none") ? Optional.of(value) : Optional.empty();
        });
    }

    private static Optional<Duration> time(String text) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        long amount = Long.parseLong(matcher.group(1));
        return Optional.of(
                        switch (Optional.ofNullable(matcher.group(2)).orElse("s")) {
                            case "ms" -> Duration.ofMillis(amount);
                            case "s" -> Duration.ofSeconds(amount);
                            case "m" -> Duration.ofMinutes(amount);
                            case "h" -> Duration.ofHours(amount);
                            default -> Duration.ofDays(amount);
                        })
                .filter(read -> !read.isZero());
    }

    private static Optional<Long> size(String text) {
        Matcher matcher = SIZE.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        long unit = Optional.ofNullable(matcher.group(2)).map(UNITS::get).orElse(1L);
        long amount = Long.parseLong(matcher.group(1));
        // As many as a JSON number holds without loss; the server says the same.
        return amount == 0 || amount > (1L << 53) / unit ? Optional.empty() : Optional.of(amount * unit);
    }

    private static Optional<Long> number(String text) {
        return text.matches("\\d{1,15}") ? Optional.of(Long.parseLong(text)) : Optional.empty();
    }

    private static Optional<Map.Entry<String, String>> label(String text) {
        Matcher matcher = LABEL.matcher(text);
        return matcher.matches() ? Optional.of(Map.entry(matcher.group(1), matcher.group(2))) : Optional.empty();
    }

    private static Optional<Instant> moment(String text) {
        if (text.startsWith("-") || text.startsWith("+")) {
            Instant now = Instant.now();
            return time(text.substring(1)).map(by -> text.startsWith("-") ? now.minus(by) : now.plus(by));
        }
        try {
            return Optional.of(
                    OffsetDateTime.parse(text.toUpperCase(Locale.ROOT)).toInstant());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static Optional<Expose> publicPort(String text) {
        int slash = text.indexOf('/');
        String protocol = slash < 0 ? "tcp" : text.substring(0, slash);
        Optional<Integer> port = Address.port(text.substring(slash + 1)).filter(n -> n > 0);
        return switch (protocol) {
            case "tcp" -> port.map(Expose.tcp("")::onPort);
            case "udp" -> port.map(Expose.udp("")::onPort);
            default -> Optional.empty();
        };
    }

    private static Optional<Expose> target(String text) {
        Matcher matcher = TARGET.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String host = matcher.group(2);
        Optional<Address> address = host.isEmpty()
                ? Address.port(matcher.group(3)).map(port -> new Address("127.0.0.1", port))
                : Address.parse(host + matcher.group(3));
        Optional<Integer> port =
                Optional.ofNullable(matcher.group(4)).map(Address::port).orElse(Optional.of(0));
        boolean udp = "udp://".equals(matcher.group(1));
        return address.filter(there -> there.port() > 0)
                .map(Address::toString)
                .flatMap(there -> port.map(wanted -> (udp ? Expose.udp(there) : Expose.tcp(there)).onPort(wanted)));
    }
}
