package io.culvert.web.v1;

import io.culvert.control.Caller;
import io.culvert.control.Expose;
import io.culvert.control.Traffic;
import io.culvert.control.Tunnel;
import io.culvert.control.TunnelService;
import io.culvert.web.http.ProblemException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which tunnels are asked for, in which order, and which page of them. A page begins behind the place of the last one's end, not at a
 * number, so tunnels that come and go do not shift it. Immutable, any thread.
 */
final class TunnelQuery {
    private final Set<Object> ids;
    private final Caller caller;
    private final List<String> labels;
    private final Set<String> states;
    private final Optional<String> project;
    private final Optional<String> owner;
    private final Optional<String> text;
    private final String sort;
    private final boolean descending;
    private final int limit;
    private final Optional<Row> behind;

    /** A tunnel at its place in the order. */
    private record Row(Comparable<?> key, long id, @Nullable Tunnel tunnel) {}

    TunnelQuery(Ask ask) {
        ids = Set.copyOf(ask.all("id"));
        caller = ask.caller();
        project = ask.anyText("project");
        labels = ask.all("label").stream().map(String::valueOf).toList();
        states = ask.all("state").stream().map(String::valueOf).collect(Collectors.toSet());
        owner = ask.anyText("owner");
        text = ask.anyText("q").map(said -> said.toLowerCase(Locale.ROOT));
        String order = ask.text("sort");
        descending = order.startsWith("-");
        sort = descending ? order.substring(1) : order;
        limit = (int) ask.number("limit");
        behind = ask.anyText("cursor").map(this::cursor);
    }

    /** The page as it is now. */
    JsonObject page(TunnelService tunnels) {
        Comparator<Row> order = order();
        List<Row> rows = candidates(tunnels)
                .filter(this::fits)
                .map(tunnel -> new Row(key(tunnel, tunnels), tunnel.id(), tunnel))
                .sorted(order)
                .toList();
        List<Row> rest = behind.isEmpty()
                ? rows
                : rows.stream()
                        .filter(row -> order.compare(row, behind.get()) > 0)
                        .toList();
        List<Row> page = rest.subList(0, Math.min(limit, rest.size()));
        JsonArray documents = new JsonArray();
        for (Row row : page) {
            Tunnel tunnel = row.tunnel();
            if (tunnel != null) {
                documents.add(TunnelDocument.of(tunnel, tunnels));
            }
        }
        return new JsonObject()
                .put("tunnels", documents)
                .put("total", rows.size())
                .put("next_cursor", rest.size() > page.size() ? cursor(page.get(page.size() - 1)) : null);
    }

    private Stream<Tunnel> candidates(TunnelService tunnels) {
        if (!states.contains("ended")) {
            return tunnels.list(caller).stream();
        }
        // The living first: what ends between the two looks is in both, and has ended.
        Map<Long, Tunnel> all = new HashMap<>();
        tunnels.list(caller).forEach(tunnel -> all.put(tunnel.id(), tunnel));
        tunnels.endedTunnels(caller).forEach(tunnel -> all.put(tunnel.id(), tunnel));
        return all.values().stream();
    }

    private boolean fits(Tunnel tunnel) {
        return (ids.isEmpty() || ids.contains(tunnel.id()))
                && (states.isEmpty()
                        || states.contains(TunnelDocument.word(tunnel.status().state())))
                && project.map(tunnel.project()::equals).orElse(true)
                && owner.map(tunnel.owner()::equals).orElse(true)
                && labels.stream().allMatch(label -> has(tunnel, label))
                && text.map(wanted -> says(tunnel, wanted)).orElse(true);
    }

    private static boolean has(Tunnel tunnel, String label) {
        int colon = label.indexOf(':');
        return label.substring(colon + 1).equals(tunnel.labels().get(label.substring(0, colon)));
    }

    private static boolean says(Tunnel tunnel, String wanted) {
        List<String> texts = new ArrayList<>();
        tunnel.name().ifPresent(texts::add);
        texts.add(tunnel.comment());
        tunnel.labels().forEach((key, value) -> texts.add(key + ":" + value));
        for (Expose expose : tunnel.exposes()) {
            texts.add(TunnelDocument.target(expose));
            texts.add(String.valueOf(expose.port()));
        }
        return texts.stream().anyMatch(each -> each.toLowerCase(Locale.ROOT).contains(wanted));
    }

    private Comparable<?> key(Tunnel tunnel, TunnelService tunnels) {
        return switch (sort) {
            case "name" -> tunnel.name().orElse("");
            case "created_at" -> nanos(tunnel.createdAt());
            case "deadline" -> tunnel.lease().deadline().map(TunnelQuery::nanos).orElse(Long.MAX_VALUE);
            case "state" -> TunnelDocument.word(tunnel.status().state());
            case "bytes" -> bytes(tunnels.traffic(tunnel));
            default -> tunnel.id();
        };
    }

    /** Good until the year 2262; later ones are all the same. */
    private static long nanos(Instant instant) {
        long seconds = instant.getEpochSecond();
        return seconds > Long.MAX_VALUE / 1_000_000_000 - 1
                ? Long.MAX_VALUE
                : seconds * 1_000_000_000 + instant.getNano();
    }

    private static long bytes(Traffic traffic) {
        return traffic.bytesIn() + traffic.bytesOut();
    }

    private Comparator<Row> order() {
        Comparator<Row> byKey = (a, b) -> a.key() instanceof String text
                ? text.compareTo((String) b.key())
                : Long.compare((Long) a.key(), (Long) b.key());
        return (descending ? byKey.reversed() : byKey).thenComparingLong(Row::id);
    }

    private String cursor(Row last) {
        String json = new JsonArray().add(sort).add(last.key()).add(last.id()).encode();
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(Buffer.buffer(json).getBytes());
    }

    private Row cursor(String said) {
        try {
            JsonArray parts = new JsonArray(Buffer.buffer(Base64.getUrlDecoder().decode(said)));
            if (parts.size() == 3 && sort.equals(parts.getValue(0)) && parts.getValue(2) instanceof Number id) {
                Object key = parts.getValue(1);
                boolean byText = sort.equals("name") || sort.equals("state");
                if (byText && key instanceof String text) {
                    return new Row(text, id.longValue(), null);
                }
                if (!byText && key instanceof Number number) {
                    return new Row(number.longValue(), id.longValue(), null);
                }
            }
        } catch (IllegalArgumentException | DecodeException | ClassCastException e) {
            // Told below: whatever it is, it is no cursor of ours.
        }
        throw ProblemException.invalid("cursor", "…", "next_cursor of a page in the same order");
    }
}
