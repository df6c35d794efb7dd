package io.culvert.web.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * Where a request comes from. Immutable, any thread.
 *
 * @param address of the caller itself: behind a trusted proxy, the one that the proxy tells
 * @param secure true where nobody could listen on the way to this server, or to the trusted proxy in front of it: by TLS
 */
public record Peer(InetAddress address, boolean secure) {
    /** Whether the caller is on this very machine, where there is no way to listen on. */
    public boolean isLocal() {
        return address.isLoopbackAddress();
    }

    /**
     * What failures are counted by: the address, or of IPv6 the /64 that it lies in, since one caller has all of that.
     */
    public InetAddress network() {
        byte[] bytes = address.getAddress();
        if (bytes.length == 4) {
            return address;
        }
        Arrays.fill(bytes, 8, 16, (byte) 0);
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of 16 bytes", e);
        }
    }
}
