package io.culvert.app;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.culvert.app.config.Address;
import io.culvert.app.config.ConfigException;
import io.culvert.control.Bridge;
import io.culvert.control.CreateTunnel;
import io.culvert.control.Expose;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the seed's {@code permanent.json}: a list of tunnels as {@code /api/create} takes them,
 * {@code {"innet":22,"expose":22022,"bridge":33022,"comment":"…","expire":-1}}, or with {@code exposes} ({@code "22-22022,80"}, or a
 * list of such parts). Numbers may stand as text, as they may in a form. Strict: unknown and double fields and bad values are
 * faults, and all of them are told, each with the place of its tunnel. One thread.
 *
 * <p>{@code bridge} is the tunnel's own bridge port, where its goproxy clients connect; without it, a free one is given and held.
 */
public final class PermanentFile {
    private static final int MOST_BYTES = 16 << 20;
    private static final int MOST_EXPOSES = 64;
    private static final double MOST_SECONDS = Duration.ofDays(3650).toSeconds();
    private static final Duration TTL_WHEN_ABSENT = Duration.ofSeconds(60);
    private static final Pattern NUMBER = Pattern.compile("-?\\d+(\\.\\d+)?([eE][+-]?\\d+)?");
    private static final List<String> FIELDS = List.of("innet", "expose", "exposes", "bridge", "comment", "expire");
    private static final ObjectReader JSON = JsonMapper.builder()
            .build()
            .reader()
            .with(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private final Path path;
    private final List<String> faults = new ArrayList<>();

    private PermanentFile(Path path) {
        this.path = path;
    }

    /** The tunnels in the order of the file; what cannot be read is told whole, and then nothing is returned. */
    public static List<CreateTunnel> read(Path path) throws ConfigException {
        return new PermanentFile(path).read();
    }

    private List<CreateTunnel> read() throws ConfigException {
        List<CreateTunnel> tunnels = new ArrayList<>();
        JsonNode root = tree();
        if (root != null && root.isArray()) {
            for (int i = 0; i < root.size(); i++) {
                tunnels.add(tunnel("[" + i + "]", root.get(i)));
            }
        } else if (faults.isEmpty()) {
            fault("", "no list", "a list of tunnels, as [{\"innet\":22,\"expose\":22022,\"expire\":-1}]");
        }
        if (!faults.isEmpty()) {
            throw new ConfigException(faults);
        }
        return tunnels;
    }

    private @Nullable JsonNode tree() {
        try {
            if (Files.size(path) > MOST_BYTES) {
                fault("", "more than 16 MiB", "a list of tunnels");
                return null;
            }
            return JSON.readTree(Files.readAllBytes(path));
        } catch (NoSuchFileException e) {
            fault("", "no such file", "a list of tunnels in JSON");
        } catch (JsonProcessingException e) {
            String line =
                    e.getLocation() == null ? "" : " line " + e.getLocation().getLineNr();
            fault(line, e.getOriginalMessage().lines().findFirst().orElse("damaged"), "JSON");
        } catch (IOException e) {
            fault("", "cannot be read: " + e.getMessage(), "a readable file");
        }
        return null;
    }

    private CreateTunnel tunnel(String at, JsonNode node) {
        if (!node.isObject()) {
            fault(at, shown(node), "a tunnel, as {\"innet\":22,\"expose\":22022}");
            return new CreateTunnel(List.of(), "", Duration.ZERO);
        }
        for (String name : new TreeSet<>(names(node))) {
            if (!FIELDS.contains(name)) {
                fault(at, "'" + name + "'", "one of " + String.join(", ", FIELDS));
            }
        }
        Bridge bridge = new Bridge(
                port(at + ".bridge", node.get("bridge")).orElse(Bridge.ANY.port()),
                Bridge.ANY.tls(),
                Bridge.ANY.compress());
        return new CreateTunnel(
                exposes(at, node), Optional.of(bridge), comment(at + ".comment", node.get("comment")), ttl(at, node));
    }

    private List<Expose> exposes(String at, JsonNode node) {
        JsonNode exposes = node.get("exposes");
        if (isAbsent(exposes)) {
            if (isAbsent(node.get("innet"))) {
                fault(at, "neither innet nor exposes", "one of them");
                return List.of();
            }
            Optional<Integer> innet = port(at + ".innet", node.get("innet"));
            if (innet.filter(port -> port == 0).isPresent()) {
                fault(at + ".innet", "0", "1 to 65535");
            }
            Optional<Integer> expose = port(at + ".expose", node.get("expose"));
            return List.of(new Expose("127.0.0.1", innet.orElse(0), expose.orElse(0)));
        }
        if (!isAbsent(node.get("innet")) || !isAbsent(node.get("expose"))) {
            fault(at, "exposes beside innet or expose", "exposes alone, or innet and expose");
        }
        List<Expose> read = new ArrayList<>();
        for (String part : parts(at + ".exposes", exposes)) {
            int dash = part.indexOf('-');
            Optional<Integer> innet = Address.port(dash < 0 ? part : part.substring(0, dash));
            Optional<Integer> expose = dash < 0 ? Optional.of(0) : Address.port(part.substring(dash + 1));
            if (innet.isEmpty() || innet.get() == 0 || expose.isEmpty()) {
                fault(at + ".exposes", "'" + part + "'", "INNET-EXPOSE or INNET, as 22-22022 or 80");
            } else {
                read.add(new Expose("127.0.0.1", innet.get(), expose.get()));
            }
        }
        if (read.size() > MOST_EXPOSES) {
            fault(at + ".exposes", read.size() + " of them", "1 to " + MOST_EXPOSES);
        }
        return read;
    }

    private List<String> parts(String at, JsonNode exposes) {
        List<JsonNode> nodes = new ArrayList<>();
        if (exposes.isArray()) {
            exposes.forEach(nodes::add);
        } else {
            nodes.add(exposes);
        }
        List<String> parts = new ArrayList<>();
        for (JsonNode node : nodes) {
            if (node.isTextual() || node.isIntegralNumber()) {
                Arrays.stream(node.asText().split(",", -1)).map(String::strip).forEach(parts::add);
            } else {
                fault(at, shown(node), "text as \"22-22022,80\", or a list of such parts");
            }
        }
        if (nodes.isEmpty()) {
            fault(at, "an empty list", "1 to " + MOST_EXPOSES + " of INNET-EXPOSE or INNET");
        }
        return parts;
    }

    private Optional<Integer> port(String at, @Nullable JsonNode node) {
        if (node == null || isAbsent(node)) {
            return Optional.empty();
        }
        Optional<Integer> port =
                node.isIntegralNumber() || node.isTextual() ? Address.port(node.asText()) : Optional.empty();
        if (port.isEmpty()) {
            fault(at, shown(node), "0 to 65535");
        }
        return port;
    }

    private String comment(String at, @Nullable JsonNode node) {
        if (node == null || isAbsent(node)) {
            return "";
        }
        if (!node.isTextual() || node.asText().length() > 1000) {
            fault(
                    at,
                    node.isTextual() ? node.asText().length() + " characters" : shown(node),
                    "text of at most 1000 characters");
        }
        return node.asText();
    }

    private Duration ttl(String at, JsonNode tunnel) {
        JsonNode node = tunnel.get("expire");
        if (node == null || isAbsent(node)) {
            return TTL_WHEN_ABSENT;
        }
        boolean number = (node.isNumber() || node.isTextual())
                && NUMBER.matcher(node.asText()).matches();
        double seconds = number ? Double.parseDouble(node.asText()) : Double.NaN;
        if (!Double.isFinite(seconds) || seconds > MOST_SECONDS) {
            fault(at + ".expire", shown(node), "seconds, at most ten years; zero or less never expires");
            return TTL_WHEN_ABSENT;
        }
        // What never expires is answered as it was said, as /api/create does: scripts look for their -1.
        if (seconds <= 0) {
            return Duration.ofNanos((long) (Math.max(seconds, -MOST_SECONDS) * 1e9));
        }
        // What is more than zero must not be rounded to zero: that would never expire.
        return Duration.ofNanos(Math.max(1, (long) (seconds * 1e9)));
    }

    private static boolean isAbsent(@Nullable JsonNode node) {
        return node == null || node.isNull();
    }

    private static List<String> names(JsonNode node) {
        List<String> names = new ArrayList<>();
        node.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static String shown(JsonNode node) {
        String text = node.toString();
        return text.length() <= 60 ? text : text.substring(0, 60) + "…";
    }

    private void fault(String at, String found, String expected) {
        faults.add("import " + path + at + ": " + found + " (expected: " + expected + ")");
    }
}
