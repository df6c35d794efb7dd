package io.culvert.app.config;

import io.culvert.app.config.Setting.Section;
import io.culvert.control.PortPool;
import io.culvert.gateway.PortRange;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * How a server runs, checked and frozen. Immutable, any thread.
 *
 * @param data the directory that holds the database, the identity and the admin key
 * @param database what keeps the tunnels in place of a file in {@code data}
 * @param http where API and page are served
 * @param https whether these are served by HTTPS, and what stands in front
 * @param logins how people come in
 * @param perAddress the most connections to API and page from one address, 1 to 1,024
 * @param bridge where agents connect
 * @param exposeHost the address that exposes are bound to
 * @param ports where free exposes are taken from
 * @param pools further ranges that a tunnel may ask for by name
 * @param quarantine how long a port rests after a tunnel before a stranger may have it
 * @param bridgeCert the certificate that goproxy clients in the field share; there exactly where {@code bridgeKey} is
 * @param bridgeKey its key
 * @param udpIdle silence after which a visitor's UDP flow ends
 * @param importFile tunnels that shall be there, in the seed's {@code permanent.json} form
 * @param open true where the API asks for no key
 * @param printReady true where one line on standard output says that the server is up
 * @param apiKeys keys beside the admin key; secret
 */
public record ServerConfig(
        Path data,
        Optional<DatabaseConfig> database,
        Address http,
        HttpsConfig https,
        LoginConfig logins,
        int perAddress,
        Address bridge,
        String exposeHost,
        PortRange ports,
        List<PortPool> pools,
        Duration quarantine,
        Optional<Path> bridgeCert,
        Optional<Path> bridgeKey,
        Duration udpIdle,
        Optional<Path> importFile,
        boolean open,
        boolean printReady,
        List<String> apiKeys) {

    static final Setting<Path> DATA = Setting.of(
            Section.SERVER,
            "data",
            ValueType.PATH,
            "./data",
            "Directory of the database, the identity and the admin key.");
    static final Setting<Address> HTTP = Setting.of(
            Section.SERVER, "http", ValueType.LISTEN, "127.0.0.1:8000", "Where API and web page are served.");
    static final Setting<Integer> HTTP_PER_ADDRESS = Setting.of(
            Section.SERVER,
            "http-per-address",
            ValueType.CONNECTIONS,
            "256",
            "The most connections to API and web page from one address, of 1024 in all; a --trusted-proxy is not counted.");
    static final Setting<Address> BRIDGE =
            Setting.of(Section.SERVER, "bridge", ValueType.LISTEN, "0.0.0.0:7000", "Where agents connect.");
    static final Setting<String> EXPOSE_HOST = Setting.of(
            Section.SERVER, "expose-host", ValueType.HOST, "0.0.0.0", "Address that the public ports are bound to.");
    static final Setting<PortRange> PORTS = Setting.of(
            Section.SERVER,
            "ports",
            ValueType.PORTS,
            "20000-29999",
            "Where free public ports are taken from; 0 is any port that the system gives.");
    static final Setting<PortPool> POOL = Setting.many(
            Section.SERVER,
            "pool",
            ValueType.POOL,
            "A further range of public ports, for tunnels that ask for it by name; --ports is the pool 'default'.");
    static final Setting<Duration> QUARANTINE = Setting.of(
            Section.SERVER,
            "quarantine",
            ValueType.TTL,
            "60s",
            "How long a public port rests after its tunnel before a stranger may have it.");
    static final Setting<Path> BRIDGE_CERT = Setting.of(
            Section.SERVER,
            "bridge-cert",
            ValueType.PATH,
            "Certificate that goproxy clients in the field share (their proxy.crt), shown on tunnels' bridge ports.");
    static final Setting<Path> BRIDGE_KEY =
            Setting.of(Section.SERVER, "bridge-key", ValueType.PATH, "The key of --bridge-cert (their proxy.key).");
    static final Setting<Duration> UDP_IDLE = Setting.of(
            Section.SERVER, "udp-idle", ValueType.TTL, "30s", "Silence after which a visitor's UDP flow ends.");
    static final Setting<Path> IMPORT = Setting.of(
            Section.SERVER,
            "import",
            ValueType.PATH,
            "Tunnels that shall exist, in the form of permanent.json; those already there stay as they are.");
    static final Setting<Boolean> OPEN = Setting.of(
            Section.SERVER,
            "open",
            ValueType.SWITCH,
            "false",
            "Ask nobody for a key. Refused unless --http is an address that only this machine reaches.");
    static final Setting<Boolean> PRINT_READY = Setting.of(
            Section.SERVER,
            "print-ready",
            ValueType.SWITCH,
            "false",
            "Once up, print 'ready http=HOST:PORT bridge=HOST:PORT pid=N' on standard output.");

    /** Every setting of the server. */
    public static final List<Setting<?>> SETTINGS = Stream.of(
                    List.of(DATA),
                    DatabaseConfig.SETTINGS,
                    List.of(HTTP),
                    HttpsConfig.SETTINGS,
                    LoginConfig.SETTINGS,
                    OidcConfig.SETTINGS,
                    List.of(HTTP_PER_ADDRESS),
                    List.of(BRIDGE, EXPOSE_HOST, PORTS, POOL, QUARANTINE, BRIDGE_CERT, BRIDGE_KEY),
                    List.of(UDP_IDLE, IMPORT, OPEN, PRINT_READY))
            .<Setting<?>>flatMap(List::stream)
            .toList();

    public ServerConfig {
        pools = List.copyOf(pools);
        apiKeys = List.copyOf(apiKeys);
        if (open && !http.isLoopback()) {
            throw new IllegalArgumentException("open: with http " + http + " (expected: a loopback address)");
        }
    }

    /** A server on a file in its data directory, without a common certificate of goproxy clients, and with the usual patience for UDP. */
    public ServerConfig(
            Path data,
            Address http,
            Address bridge,
            String exposeHost,
            PortRange ports,
            Optional<Path> importFile,
            boolean open,
            boolean printReady,
            List<String> apiKeys) {
        this(
                data,
                Optional.empty(),
                http,
                HttpsConfig.none(),
                LoginConfig.usual(),
                256,
                bridge,
                exposeHost,
                ports,
                List.of(),
                Duration.ofSeconds(60),
                Optional.empty(),
                Optional.empty(),
                Duration.ofSeconds(30),
                importFile,
                open,
                printReady,
                apiKeys);
    }

    /** Reads every source, or tells everything that is wrong. */
    public static ServerConfig read(Flags flags, Map<String, String> environment) throws ConfigException {
        Reading reading = new Reading(flags, environment);
        Optional<Path> data = reading.find(DATA);
        Optional<DatabaseConfig> database = DatabaseConfig.read(reading, environment);
        Optional<Address> http = http(reading, environment);
        HttpsConfig https = HttpsConfig.read(reading);
        LoginConfig logins = LoginConfig.read(reading, environment, https);
        Optional<Integer> perAddress = reading.find(HTTP_PER_ADDRESS);
        Optional<Address> bridge = reading.find(BRIDGE);
        Optional<String> exposeHost = reading.find(EXPOSE_HOST);
        Optional<PortRange> ports = reading.find(PORTS);
        List<PortPool> pools = pools(reading);
        Optional<Duration> quarantine = reading.find(QUARANTINE);
        Optional<Path> bridgeCert = reading.find(BRIDGE_CERT);
        Optional<Path> bridgeKey = reading.find(BRIDGE_KEY);
        Optional<Duration> udpIdle = reading.find(UDP_IDLE);
        Optional<Path> importFile = reading.find(IMPORT);
        boolean open = reading.find(OPEN).orElse(false);
        boolean printReady = reading.find(PRINT_READY).orElse(false);
        List<String> apiKeys = apiKeys(reading, environment);
        if (open && http.isPresent() && !http.get().isLoopback()) {
            reading.fault("open: with http " + http.get()
                    + " everybody who reaches this machine could open ports on it (expected: an http address of this machine"
                    + " alone, as 127.0.0.1:8000 or [::1]:8000)");
        }
        if (open && !apiKeys.isEmpty()) {
            reading.fault("open: with " + Environment.AUTHORIZE_KEYS + " (expected: keys or an open API, not both)");
        }
        if (reading.isSet(BRIDGE_CERT) != reading.isSet(BRIDGE_KEY)) {
            reading.fault(
                    reading.isSet(BRIDGE_CERT)
                            ? "bridge-cert: without bridge-key (expected: both or neither)"
                            : "bridge-key: without bridge-cert (expected: both or neither)");
        }
        reading.finish();
        return new ServerConfig(
                data.orElseThrow(),
                database,
                http.orElseThrow(),
                https,
                logins,
                perAddress.orElseThrow(),
                bridge.orElseThrow(),
                exposeHost.orElseThrow(),
                ports.orElseThrow(),
                pools,
                quarantine.orElseThrow(),
                bridgeCert,
                bridgeKey,
                udpIdle.orElseThrow(),
                importFile,
                open,
                printReady,
                apiKeys);
    }

    /** A server for tests and for embedding: this machine alone, any free port everywhere. */
    public static ServerConfig embedded(Path data) {
        Address any = new Address("127.0.0.1", 0);
        return new ServerConfig(data, any, any, "127.0.0.1", PortRange.ANY, Optional.empty(), false, false, List.of());
    }

    /** The same, reached another way. */
    public ServerConfig with(HttpsConfig other) {
        return with(other, logins, bridgeCert, bridgeKey);
    }

    /** The same, with other ways to come in. */
    public ServerConfig with(LoginConfig other) {
        return with(https, other, bridgeCert, bridgeKey);
    }

    /** The same with a certificate that goproxy clients share. */
    public ServerConfig withBridgeCertificate(Path certificate, Path key) {
        return with(https, logins, Optional.of(certificate), Optional.of(key));
    }

    private ServerConfig with(HttpsConfig reached, LoginConfig people, Optional<Path> certificate, Optional<Path> key) {
        return new ServerConfig(
                data,
                database,
                http,
                reached,
                people,
                perAddress,
                bridge,
                exposeHost,
                ports,
                pools,
                quarantine,
                certificate,
                key,
                udpIdle,
                importFile,
                open,
                printReady,
                apiKeys);
    }

    private static Optional<Address> http(Reading reading, Map<String, String> environment) {
        Optional<Address> read = reading.find(HTTP);
        String text = environment.get(Environment.EXPOSE_PORT);
        if (text == null) {
            return read;
        }
        Optional<Integer> port = ValueType.PORT.reader().apply(text);
        if (port.isEmpty()) {
            reading.fault("environment " + Environment.EXPOSE_PORT + ": '" + text + "' (expected: "
                    + ValueType.PORT.expected() + ")");
        }
        return reading.isSet(HTTP) ? read : port.map(p -> new Address("0.0.0.0", p));
    }

    private static List<PortPool> pools(Reading reading) {
        List<PortPool> pools = reading.findAll(POOL);
        Set<String> names = new HashSet<>(Set.of(PortPool.DEFAULT));
        for (PortPool pool : pools) {
            if (!names.add(pool.name())) {
                reading.fault("pool: '" + pool.name() + "' "
                        + (pool.name().equals(PortPool.DEFAULT) ? "is what --ports is called" : "is there twice")
                        + " (expected: each name once)");
            }
        }
        return pools;
    }

    private static List<String> apiKeys(Reading reading, Map<String, String> environment) {
        String text = environment.get(Environment.AUTHORIZE_KEYS);
        if (text == null) {
            return List.of();
        }
        List<String> keys = Arrays.stream(text.split(",", -1)).map(String::trim).toList();
        if (keys.stream().anyMatch(String::isEmpty)) {
            // The text itself is secret: only its shape is told.
            reading.fault("environment " + Environment.AUTHORIZE_KEYS + ": "
                    + (text.isBlank() ? "blank" : "one of " + keys.size() + " keys is blank")
                    + " (expected: one key or several, separated by commas; unset it for none)");
        }
        return keys.stream().distinct().toList();
    }

    @Override
    public String toString() {
        return "ServerConfig[data=" + data + ", database="
                + database.map(DatabaseConfig::toString).orElse("none") + ", http=" + http + ", https=" + https
                + ", perAddress=" + perAddress
                + ", bridge=" + bridge
                + ", exposeHost=" + exposeHost
                + ", ports=" + ports + ", pools=" + pools + ", quarantine=" + quarantine + ", bridgeCert="
                + bridgeCert.map(Path::toString).orElse("none") + ", bridgeKey="
                + bridgeKey.map(Path::toString).orElse("none") + ", udpIdle=" + udpIdle + ", import="
                + importFile.map(Path::toString).orElse("none") + ", open=" + open
                + ", printReady=" + printReady + ", apiKeys=" + apiKeys.size() + " MASKED]";
    }
}
