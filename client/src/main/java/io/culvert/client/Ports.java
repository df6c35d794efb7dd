package io.culvert.client;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Public ports as a resource. As {@link Tunnels}. Thread-safe. */
public final class Ports {
    private final Api api;

    Ports(Api api) {
        this.api = api;
    }

    /** The ports that are not free for everybody, by number. */
    public List<Port> list() throws IOException {
        return api.get("ports").answer().list("ports", Port::read);
    }

    /** Where free ones are picked from; the server's default comes first. */
    public List<Pool> pools() throws IOException {
        return api.get("pools").answer().list("pools", Pool::read);
    }

    /**
     * Keeps a port for tunnels of a name.
     *
     * @param port 1 to 65535; 0 for a free one of the pool
     * @param pool empty for the server's default
     */
    public Port reserve(String name, Protocol protocol, int port, Optional<String> pool) throws IOException {
        ObjectNode body = Api.object().put("name", name).put("protocol", protocol.toString());
        if (port != 0) {
            body.put("port", port);
        }
        pool.ifPresent(from -> body.put("pool", from));
        return Port.read(api.post("ports").body(body).answer());
    }

    /** Takes a reservation back, or ends a quarantine. A tunnel that has the port keeps it. */
    public void release(Protocol protocol, int port) throws IOException {
        api.delete("ports/" + protocol + "/" + port).done();
    }
}
