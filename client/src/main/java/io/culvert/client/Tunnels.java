package io.culvert.client;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.culvert.client.http.Seconds;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Tunnels. Each call waits for the answer: a refusal by the server is a {@link CulvertApiException}, 404 where no living tunnel has the
 * number; anything else that goes wrong an {@link IOException}. Thread-safe.
 */
public final class Tunnels {
    private static final int PAGE = 1000;
    private static final int BULK = 1000;
    // The body of a bulk creation is bounded, and a tunnel can be long.
    private static final int CREATED_AT_ONCE = 100;

    private final Api api;

    Tunnels(Api api) {
        this.api = api;
    }

    /** Creates a tunnel. Where the answer is lost the request is sent again, and the tunnel is made once all the same. */
    public CreatedTunnel create(NewTunnel tunnel) throws IOException {
        return create(tunnel, UUID.randomUUID().toString());
    }

    /**
     * As {@link #create(NewTunnel)}; with the same key, within a day, it finds what it created.
     *
     * @param idempotencyKey 1 to 180 visible ASCII characters
     */
    public CreatedTunnel create(NewTunnel tunnel, String idempotencyKey) throws IOException {
        return CreatedTunnel.read(api.post("tunnels")
                .header("Idempotency-Key", idempotencyKey)
                .body(tunnel.json())
                .repeatable()
                .answer());
    }

    /** What a creation would make, without making it; refused where it would be. */
    public TunnelPlan plan(NewTunnel tunnel) throws IOException {
        return TunnelPlan.read(api.post("tunnels?dry_run=true")
                .body(tunnel.json())
                .repeatable()
                .answer());
    }

    /**
     * Creates many, each for itself, a hundred in a request; the outcomes stand in the order of the tunnels.
     *
     * @throws UnfinishedException where a request behind the first failed; it has the outcomes of those before
     */
    public List<Outcome<CreatedTunnel>> createAll(List<NewTunnel> tunnels) throws IOException {
        return inParts(
                tunnels,
                CREATED_AT_ONCE,
                part -> {
                    ObjectNode body = Api.object();
                    ArrayNode array = body.putArray("tunnels");
                    part.forEach(each -> array.add(each.json()));
                    return api.post("tunnels/bulk-create")
                            .header("Idempotency-Key", UUID.randomUUID().toString())
                            .body(body)
                            .repeatable()
                            .answer()
                            .list("results", result -> Outcome.read(result, CreatedTunnel::read));
                },
                UnfinishedException::ofCreations);
    }

    /** A tunnel, also one that ended within the last day. */
    public Tunnel get(long id) throws IOException {
        return Tunnel.read(api.get("tunnels/" + id).answer());
    }

    /** The living tunnel of this name. */
    public Optional<Tunnel> find(String name) throws IOException {
        return list(TunnelFilter.all().containing(name)).stream()
                .filter(tunnel -> tunnel.name().equals(Optional.of(name)))
                .findFirst();
    }

    /** All tunnels that fit, from as many pages as there are. */
    public List<Tunnel> list(TunnelFilter filter) throws IOException {
        List<Tunnel> tunnels = new ArrayList<>();
        Optional<String> cursor = Optional.empty();
        do {
            TunnelPage page = page(filter, PAGE, cursor);
            tunnels.addAll(page.tunnels());
            cursor = page.nextCursor();
        } while (cursor.isPresent());
        return tunnels;
    }

    /**
     * One page.
     *
     * @param limit 1 to 1,000
     * @param cursor that of the page before, asked for with the same filter; empty for the first
     */
    public TunnelPage page(TunnelFilter filter, int limit, Optional<String> cursor) throws IOException {
        Query query = filter.query().add("limit", limit).addAny("cursor", cursor);
        return TunnelPage.read(api.get("tunnels" + query).answer());
    }

    /** Changes what is named. */
    public Tunnel change(long id, TunnelChange change) throws IOException {
        return Tunnel.read(api.patch("tunnels/" + id).body(change.json()).answer());
    }

    /** The same, only where nobody changed it since this version; refused with 412 otherwise. */
    public Tunnel change(long id, TunnelChange change, long version) throws IOException {
        return Tunnel.read(api.patch("tunnels/" + id)
                .header("If-Match", "\"" + version + "\"")
                .body(change.json())
                .answer());
    }

    /** Ends a tunnel. When the answer comes its ports are free and its visitors are gone. */
    public Tunnel delete(long id) throws IOException {
        return Tunnel.read(api.delete("tunnels/" + id).answer());
    }

    /**
     * Lets no new visitors in and ends the tunnel when those who are there have left, or the time is over.
     *
     * @param atMost 1 ms to a day
     */
    public Tunnel drain(long id, Duration atMost) throws IOException {
        return Tunnel.read(api.delete("tunnels/" + id + draining(atMost)).answer());
    }

    /** Gives a lease its whole time again. */
    public Tunnel renew(long id) throws IOException {
        return Tunnel.read(api.post("tunnels/" + id + "/renew").repeatable().answer());
    }

    /**
     * Renews many, a thousand in a request; the outcomes stand in the order of the numbers.
     *
     * @throws UnfinishedException where a request behind the first failed; it has the outcomes of those before
     */
    public List<Outcome<Tunnel>> renewAll(List<Long> ids) throws IOException {
        return bulk("renew", ids, Optional.empty());
    }

    /** Ends many. As {@link #renewAll}. */
    public List<Outcome<Tunnel>> deleteAll(List<Long> ids) throws IOException {
        return bulk("delete", ids, Optional.empty());
    }

    /** Drains many. As {@link #renewAll}. */
    public List<Outcome<Tunnel>> drainAll(List<Long> ids, Duration atMost) throws IOException {
        return bulk("delete", ids, Optional.of(atMost));
    }

    private List<Outcome<Tunnel>> bulk(String what, List<Long> ids, Optional<Duration> drain) throws IOException {
        return inParts(
                ids,
                BULK,
                part -> {
                    ObjectNode body = Api.object();
                    ArrayNode array = body.putArray("ids");
                    part.forEach(array::add);
                    drain.ifPresent(atMost -> body.put("mode", "drain").put("drain_seconds", Seconds.of(atMost)));
                    Api.Request request = api.post("tunnels/bulk-" + what).body(body);
                    return (what.equals("renew") ? request.repeatable() : request)
                            .answer()
                            .list("results", result -> Outcome.read(result, Tunnel::read));
                },
                UnfinishedException::of);
    }

    /** One request. */
    private interface Part<A, T> {
        List<Outcome<T>> send(List<A> part) throws IOException;
    }

    /** What is thrown where some were answered. */
    private interface Unfinished<T> {
        UnfinishedException of(List<Outcome<T>> before, int all, Exception cause);
    }

    private static <A, T> List<Outcome<T>> inParts(List<A> all, int most, Part<A, T> part, Unfinished<T> unfinished)
            throws IOException {
        List<Outcome<T>> outcomes = new ArrayList<>();
        for (int from = 0; from < all.size(); from += most) {
            int before = from;
            try {
                part.send(all.subList(from, Math.min(from + most, all.size())))
                        .forEach(outcome -> outcomes.add(outcome.behind(before)));
            } catch (CulvertApiException e) {
                if (outcomes.isEmpty()) {
                    throw e;
                }
                throw unfinished.of(outcomes, all.size(), e.behind(before));
            } catch (IOException e) {
                throw outcomes.isEmpty() ? e : unfinished.of(outcomes, all.size(), e);
            }
        }
        return outcomes;
    }

    private static String draining(Duration atMost) {
        return new Query()
                .add("mode", "drain")
                .add("drain_seconds", Seconds.text(atMost))
                .toString();
    }

    /** Shuts visitors out, and cuts those who are in. */
    public Tunnel pause(long id) throws IOException {
        return Tunnel.read(api.post("tunnels/" + id + "/pause").repeatable().answer());
    }

    /** Takes a pause back. */
    public Tunnel resume(long id) throws IOException {
        return Tunnel.read(api.post("tunnels/" + id + "/resume").repeatable().answer());
    }

    /** A new join token; the old one is good no more, and agents that came in by it are cut. */
    public CreatedTunnel rotateToken(long id) throws IOException {
        return CreatedTunnel.read(api.post("tunnels/" + id + "/rotate-token").answer());
    }

    /** Files for a stock goproxy client: the same each time, until their {@link Bundle#renewAt}. */
    public Bundle bundle(long id) throws IOException {
        return Bundle.read(api.get(bundlePath(id)).answer());
    }

    /** The same as one file, a zip, with the command line that uses them. It holds a private key. */
    public byte[] bundleZip(long id) throws IOException {
        return api.get(bundlePath(id) + "?format=zip").bytes();
    }

    /** Other files; those that are out are good no more. */
    public Bundle reissueBundle(long id) throws IOException {
        return Bundle.read(api.post(bundlePath(id)).answer());
    }

    private static String bundlePath(long id) {
        return "tunnels/" + id + "/bundle";
    }

    /**
     * Moves an expose to another public port; visitors who are connected stay.
     *
     * @param expose which one, from 0
     * @param port 1 to 65535; 0 for a free one of its pool
     */
    public Tunnel movePort(long id, int expose, int port) throws IOException {
        ObjectNode body = Api.object().put("expose", expose).put("port", port);
        return Tunnel.read(api.post("tunnels/" + id + "/move-port").body(body).answer());
    }
}
