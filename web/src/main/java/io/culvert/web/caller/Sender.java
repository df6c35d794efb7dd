package io.culvert.web.caller;

import io.culvert.control.access.Origin;
import io.culvert.web.http.Peer;

/**
 * What a request says of where it comes from. Immutable, any thread.
 *
 * @param agent what the browser or program calls itself; may be anything
 */
public record Sender(Peer peer, String agent) {
    /** For the control plane. */
    public Origin origin() {
        return new Origin(peer.address(), agent);
    }
}
