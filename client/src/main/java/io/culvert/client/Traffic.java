package io.culvert.client;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Who is connected to a tunnel, what it carried, and where its way is broken. As {@link Tunnels}. Thread-safe. */
public final class Traffic {
    private final Api api;

    Traffic(Api api) {
        this.api = api;
    }

    /** Open connections of visitors, oldest first. */
    public List<Connection> connections(long tunnel) throws IOException {
        return api.get("tunnels/" + tunnel + "/connections").answer().list("connections", Connection::read);
    }

    /** Cuts a connection: its visitor sees a reset. */
    public void cut(long tunnel, long connection) throws IOException {
        api.delete("tunnels/" + tunnel + "/connections/" + connection).done();
    }

    /** Connected agents, oldest first. */
    public List<Session> sessions(long tunnel) throws IOException {
        return api.get("tunnels/" + tunnel + "/sessions").answer().list("sessions", Session::read);
    }

    /** Ends an agent's session with all it carries. The agent may come back. */
    public void kick(long tunnel, long session) throws IOException {
        api.delete("tunnels/" + tunnel + "/sessions/" + session).done();
    }

    /**
     * Walks the way of a visitor: the answer to "why is it down?".
     *
     * @param expose which one, from 0
     */
    public Probe probe(long tunnel, int expose) throws IOException {
        return Probe.read(api.post("tunnels/" + tunnel + "/probe")
                .body(Api.object().put("expose", expose))
                .repeatable()
                .answer());
    }

    /** What it carried, in the last hour, day or 30 days, as the grain is. */
    public Usage usage(long tunnel, Usage.Grain grain) throws IOException {
        return usage(tunnel, grain, Optional.empty(), Optional.empty());
    }

    /**
     * What it carried.
     *
     * @param from the first moment; empty: an hour, a day or 30 days before {@code to}
     * @param to the moment behind the last; empty: now
     */
    public Usage usage(long tunnel, Usage.Grain grain, Optional<Instant> from, Optional<Instant> to)
            throws IOException {
        Query query = new Query().add("grain", grain).addAny("from", from).addAny("to", to);
        return Usage.read(api.get("tunnels/" + tunnel + "/usage" + query).answer());
    }
}
