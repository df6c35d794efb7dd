package io.culvert.web.http;

import java.net.InetAddress;

/**
 * Where a request comes from. Immutable, any thread.
 *
 * @param address of the caller itself: behind a trusted proxy, the one that the proxy tells
 * @param secure true where nobody could listen on the way to this server, or to the trusted proxy in front of it: by TLS
 * @param direct false where somebody says that he passes the request on who is not trusted to: then the address is that one's
 */
public record Peer(InetAddress address, boolean secure, boolean direct) {
    /** Whether there is no way on which somebody could listen: by TLS, or because the caller is on this very machine. */
    public boolean isPrivate() {
        return secure || (direct && address.isLoopbackAddress());
    }
}
