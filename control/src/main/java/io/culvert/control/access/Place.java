package io.culvert.control.access;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * What counts as one address: of IPv6 a /64, since everybody has that many. Immutable, any thread.
 *
 * @param text for people
 */
record Place(String text) {
    private static final int NETWORK_BYTES = 8;
    private static final int ADDRESS_BYTES = 16;

    static Place of(InetAddress address) {
        if (!(address instanceof Inet6Address)) {
            return new Place(textOf(address));
        }
        byte[] network = Arrays.copyOf(Arrays.copyOf(address.getAddress(), NETWORK_BYTES), ADDRESS_BYTES);
        return new Place(textOf(of(network)) + "/64");
    }

    /** An address as {@link #textOf} wrote it: no name is looked up. */
    static Place ofText(String address) throws UnknownHostException {
        if (!address.matches("[0-9a-fA-F:.]+")) {
            throw new UnknownHostException(address + " (expected: an address)");
        }
        return of(InetAddress.getByName(address));
    }

    /** Without the name of a network card, which may stand behind a percent sign. */
    static String textOf(InetAddress address) {
        return of(address.getAddress()).getHostAddress();
    }

    private static InetAddress of(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("4 or 16 bytes are an address", e);
        }
    }
}
