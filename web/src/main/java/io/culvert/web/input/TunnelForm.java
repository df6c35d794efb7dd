package io.culvert.web.input;

import io.culvert.control.Bridge;
import io.culvert.control.CreateTunnel;
import io.culvert.control.Expose;
import io.culvert.control.InvalidRequestException;
import io.culvert.control.Protocol;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Turns the parameters of {@code /api/create} into a {@link CreateTunnel}. Stateless, any thread. */
public final class TunnelForm {
    /** What {@code /api/create} understands. */
    public static final List<String> PARAMETERS = List.of(
            "innet", "exposes", "expose", "bridge", "comment", "expire", "protocol", "compress", "bridge_tls", "key");

    private static final String TARGET = "1 to 65535, or HOST:PORT; udp:// in front for UDP";
    private static final String ITEM = "INNET or INNET-EXPOSE, with EXPOSE 0 to 65535 and INNET " + TARGET;
    private static final String TCP = "tcp://";
    private static final String UDP = "udp://";
    private static final int MOST_EXPOSES = 64;
    private static final Duration LONGEST = Duration.ofDays(3650);
    private static final Duration DEFAULT_TTL = Duration.ofSeconds(60);

    private static final Pattern PORT = Pattern.compile("0|[1-9][0-9]{0,4}");
    private static final Pattern ADDRESS = Pattern.compile(
            "(?:(?<name>[A-Za-z0-9._-]{1,253})|\\[(?<v6>[0-9A-Fa-f:.]{2,45})])" + ":(?<port>[0-9]{1,6})");
    private static final Pattern SECONDS = Pattern.compile("-?[0-9]{1,12}(?:\\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,2})?");

    private TunnelForm() {}

    /**
     * Reads the request for a tunnel.
     *
     * @throws InvalidRequestException naming the parameter, its value and what was expected
     */
    public static CreateTunnel read(Parameters parameters) {
        Optional<String> innet = parameters.value("innet");
        Optional<String> exposes = parameters.value("exposes");
        int expose = port("expose", parameters.value("expose").orElse("0"));
        Bridge bridge = new Bridge(
                port("bridge", parameters.value("bridge").orElse("0")),
                Switch.of(parameters, "bridge_tls", true),
                Switch.of(parameters, "compress", false));
        Optional<Protocol> protocol = parameters.text("protocol").map(TunnelForm::protocol);
        List<Expose> wanted = exposes.map(text -> exposes(text, protocol)).orElse(List.of());
        if (innet.isPresent()) {
            Expose flat = target("innet", innet.get(), TARGET, innet.get(), expose, protocol);
            wanted = wanted.isEmpty() ? List.of(flat) : agreeing(wanted, flat, innet.get());
        } else if (wanted.isEmpty()) {
            throw new InvalidRequestException("innet", "", TARGET + "; or exposes");
        } else if (expose != 0 && wanted.get(0).port() != expose) {
            throw contradiction("expose", Integer.toString(expose));
        }
        return new CreateTunnel(
                wanted,
                Optional.of(bridge),
                parameters.text("comment").orElse(""),
                parameters.value("expire").map(TunnelForm::ttl).orElse(DEFAULT_TTL));
    }

    /** The flat parameters may repeat what the first of the list says, as the answers do, but not say otherwise. */
    private static List<Expose> agreeing(List<Expose> wanted, Expose flat, String innet) {
        Expose first = wanted.get(0);
        if (first.protocol() != flat.protocol()
                || first.targetPort() != flat.targetPort()
                || !first.targetHost().equals(flat.targetHost())) {
            throw contradiction("innet", innet);
        }
        if (flat.port() != 0 && flat.port() != first.port()) {
            throw contradiction("expose", Integer.toString(flat.port()));
        }
        return wanted;
    }

    private static InvalidRequestException contradiction(String name, String value) {
        return new InvalidRequestException(
                name, Quote.of(value), "what the first of exposes says, or only one of the two");
    }

    private static List<Expose> exposes(String text, Optional<Protocol> protocol) {
        String[] items = text.split(",", MOST_EXPOSES + 1);
        if (items.length > MOST_EXPOSES) {
            throw new InvalidRequestException("exposes", Quote.of(text), "at most " + MOST_EXPOSES + " items");
        }
        List<Expose> exposes = new ArrayList<>(items.length);
        for (String item : items) {
            // A target ends in a port, so a dash in a host name never stands before the last run of digits.
            int dash = item.lastIndexOf('-');
            boolean both = dash >= 0 && item.indexOf(':', dash) < 0;
            String innet = both ? item.substring(0, dash) : item;
            String port = both ? item.substring(dash + 1) : "0";
            if (!isPort(port)) {
                throw new InvalidRequestException("exposes", Quote.of(item), ITEM);
            }
            exposes.add(target("exposes", innet, ITEM, item, Integer.parseInt(port), protocol));
        }
        return exposes;
    }

    private static Protocol protocol(String text) {
        return switch (text) {
            case "tcp" -> Protocol.TCP;
            case "udp" -> Protocol.UDP;
            default -> throw new InvalidRequestException("protocol", Quote.of(text), "tcp or udp");
        };
    }

    /** What stands in front of a target says it for that target, and may not say otherwise than what is said for all. */
    private static Expose target(
            String name, String said, String expected, String shown, int expose, Optional<Protocol> all) {
        Optional<Protocol> own = said.startsWith(UDP)
                ? Optional.of(Protocol.UDP)
                : said.startsWith(TCP) ? Optional.of(Protocol.TCP) : Optional.empty();
        String text = own.isPresent() ? said.substring(UDP.length()) : said;
        if (own.isPresent() && all.isPresent() && !own.equals(all)) {
            throw new InvalidRequestException(
                    name, Quote.of(shown), "the protocol that 'protocol' says, or only one of the two");
        }
        Protocol protocol = own.or(() -> all).orElse(Protocol.TCP);
        if (isPort(text) && !text.equals("0")) {
            return new Expose(protocol, "127.0.0.1", Integer.parseInt(text), expose);
        }
        Matcher address = ADDRESS.matcher(text);
        if (!address.matches()
                || !isPort(address.group("port"))
                || address.group("port").equals("0")) {
            throw new InvalidRequestException(name, Quote.of(shown), expected);
        }
        String host = address.group("name");
        if (host == null) {
            host = address.group("v6");
            if (!isIpv6(host)) {
                throw new InvalidRequestException(name, Quote.of(shown), expected);
            }
        }
        return new Expose(protocol, host, Integer.parseInt(address.group("port")), expose);
    }

    private static boolean isIpv6(String text) {
        try {
            // In brackets it is read as an address or refused; no name service is asked.
            return InetAddress.getByName("[" + text + "]") != null;
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private static int port(String name, String text) {
        if (!isPort(text)) {
            throw new InvalidRequestException(name, Quote.of(text), "0 to 65535");
        }
        return Integer.parseInt(text);
    }

    private static boolean isPort(String text) {
        return PORT.matcher(text).matches() && Integer.parseInt(text) <= 65535;
    }

    private static Duration ttl(String text) {
        String expected = "seconds, -" + LONGEST.toSeconds() + " to " + LONGEST.toSeconds()
                + ", at most 9 decimals; 0 or less never expires";
        if (!SECONDS.matcher(text).matches()) {
            throw new InvalidRequestException("expire", Quote.of(text), expected);
        }
        BigDecimal seconds = new BigDecimal(text).stripTrailingZeros();
        if (seconds.scale() > 9 || seconds.abs().compareTo(BigDecimal.valueOf(LONGEST.toSeconds())) > 0) {
            throw new InvalidRequestException("expire", Quote.of(text), expected);
        }
        BigDecimal[] parts = seconds.divideAndRemainder(BigDecimal.ONE);
        return Duration.ofSeconds(
                parts[0].longValueExact(), parts[1].movePointRight(9).longValueExact());
    }
}
