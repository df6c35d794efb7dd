package io.culvert.web.caller;

import io.culvert.control.access.Origin;
import io.culvert.web.http.HostName;
import io.culvert.web.http.Peer;

/**
 * What a request says of where it comes from. Immutable, any thread.
 *
 * @param agent what the browser or program calls itself; may be anything
 * @param host how it reached this server, as {@link HostName} gives it
 */
public record Sender(Peer peer, String agent, String host) {
    /** For the control plane. */
    public Origin origin() {
        return new Origin(peer.address(), agent);
    }
}
