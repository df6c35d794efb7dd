package io.culvert.app.config;

import io.culvert.app.config.Setting.Section;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code culvert expose} shall do, checked and frozen. Immutable, any thread.
 *
 * @param target what visitors shall reach; port 1 to 65535
 * @param client which server, and as whom
 * @param ttl how long the tunnel lives on when this process is gone
 * @param port the public port, 0 for a free one
 * @param udp true where the port carries datagrams
 * @param comment what the tunnel's list shows
 * @param bridge the server's address for agents; empty where it is the API's host and the port that the API names
 */
public record ExposeConfig(
        Address target,
        ClientConfig client,
        Duration ttl,
        int port,
        boolean udp,
        String comment,
        Optional<Address> bridge) {

    static final Setting<URI> SERVER =
            Setting.of(Section.EXPOSE, "server", ValueType.URL, "The server's API, in place of a profile's.");
    static final Setting<Duration> TTL = Setting.of(
            Section.EXPOSE,
            "ttl",
            ValueType.TTL,
            "60s",
            "How long the tunnel lives on when this process is gone; renewed at a third of it.");
    static final Setting<Integer> PORT = Setting.of(
            Section.EXPOSE, "port", ValueType.PORT, "0", "The public port; 0 is a free one of the server's.");
    static final Setting<Boolean> UDP = Setting.of(
            Section.EXPOSE,
            "udp",
            ValueType.SWITCH,
            "false",
            "Carry datagrams: the port is a UDP port, and so is TARGET.");
    static final Setting<String> COMMENT =
            Setting.of(Section.EXPOSE, "comment", ValueType.COMMENT, "", "What the list of tunnels shows.");
    static final Setting<Path> KEY_FILE = Setting.of(
            Section.EXPOSE,
            "key-file",
            ValueType.FILE_OR_STDIN,
            "File with an API key, as the server's data/admin.key; - reads standard input.");
    static final Setting<String> PROFILE = Setting.of(
            Section.EXPOSE,
            "profile",
            ValueType.PROFILE,
            "Server and key as 'culvert login' stored them under this name; without --server: 'default'.");
    static final Setting<Path> CA = Setting.of(
            Section.EXPOSE, "ca", ValueType.PATH, "PEM file of authorities to trust beside the system's, for https.");
    static final Setting<Address> BRIDGE = Setting.of(
            Section.EXPOSE,
            "bridge",
            ValueType.REMOTE,
            "The server's address for agents, where it is not the API's host and the port that the API names.");

    /** Every setting of the command; its target is no setting but its operand. */
    public static final List<Setting<?>> SETTINGS =
            List.of(SERVER, TTL, PORT, UDP, COMMENT, KEY_FILE, PROFILE, CA, BRIDGE);

    /**
     * Reads every source, or tells everything that is wrong.
     *
     * @param operands what stands on the command line beside the flags: one target
     */
    public static ExposeConfig read(Flags flags, List<String> operands, Map<String, String> environment)
            throws ConfigException {
        Reading reading = new Reading(flags, environment);
        Optional<Address> target = operands.size() == 1 ? target(operands.get(0)) : Optional.empty();
        if (target.isEmpty()) {
            String given = operands.isEmpty() ? "TARGET is missing" : "TARGET: '" + String.join(" ", operands) + "'";
            reading.fault(
                    given + " (expected: one PORT or HOST:PORT with a port of 1 to 65535, as 8080 or 192.168.1.7:80)");
        }
        ClientConfig client =
                new ClientConfig(reading.find(SERVER), reading.find(KEY_FILE), reading.find(PROFILE), reading.find(CA));
        Optional<Duration> ttl = reading.find(TTL);
        Optional<Integer> port = reading.find(PORT);
        boolean udp = reading.find(UDP).orElse(false);
        Optional<String> comment = reading.find(COMMENT);
        Optional<Address> bridge = reading.find(BRIDGE);
        reading.finish();
        return new ExposeConfig(
                target.orElseThrow(),
                client,
                ttl.orElseThrow(),
                port.orElseThrow(),
                udp,
                comment.orElseThrow(),
                bridge);
    }

    private static Optional<Address> target(String text) {
        return Address.port(text)
                .map(port -> new Address("127.0.0.1", port))
                .or(() -> Address.parse(text))
                .filter(address -> address.port() > 0);
    }
}
