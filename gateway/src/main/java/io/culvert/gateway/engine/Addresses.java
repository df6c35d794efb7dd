package io.culvert.gateway.engine;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Addresses of visitors and agents, as rules, heads and reports have them. Stateless, any thread. */
final class Addresses {
    private static final int MAPPED = 12;

    private Addresses() {}

    /** {@code 203.0.113.9:51234} or {@code [2001:db8::1]:51234}; {@code unknown} for none. */
    static String text(@Nullable InetSocketAddress address) {
        if (address == null) {
            return "unknown";
        }
        String host = address.getAddress().getHostAddress();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
    }

    /** The address itself, or the IPv4 address that is mapped into it. */
    static InetAddress plain(InetAddress address) {
        byte[] bytes = address.getAddress();
        boolean mapped = bytes.length == 16 && bytes[10] == -1 && bytes[11] == -1;
        for (int i = 0; mapped && i < MAPPED - 2; i++) {
            mapped = bytes[i] == 0;
        }
        if (!mapped) {
            return address;
        }
        try {
            return InetAddress.getByAddress(Arrays.copyOfRange(bytes, MAPPED, bytes.length));
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of four bytes", e);
        }
    }
}
