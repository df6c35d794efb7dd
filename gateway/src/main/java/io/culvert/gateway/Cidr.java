package io.culvert.gateway;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * A block of addresses, for instance {@code 192.0.2.0/24} or {@code 2001:db8::/32}. Immutable, any thread.
 *
 * @param network the first address of the block, 4 or 16 bytes; an IPv4 address mapped into IPv6 counts as IPv4
 * @param bits length of the prefix, 0 to 32 or 0 to 128
 */
// equals and hashCode below look at the content; the accessor hands out a copy.
@SuppressWarnings("ArrayRecordComponent")
public record Cidr(byte[] network, int bits) {
    public Cidr {
        if (network.length != 4 && network.length != 16) {
            throw new IllegalArgumentException("network: " + network.length + " bytes (expected: 4 or 16)");
        }
        if (bits < 0 || bits > network.length * 8) {
            throw new IllegalArgumentException(
                    "prefix length: " + bits + " (expected: 0 to " + network.length * 8 + ")");
        }
        network = masked(network, bits);
    }

    /**
     * Reads {@code ADDRESS/BITS}, or an address alone; asks no name server.
     *
     * @throws IllegalArgumentException naming the text
     */
    public static Cidr parse(String text) {
        int slash = text.indexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        // Only what consists of these is never looked up as a name.
        boolean literal =
                address.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}") || address.matches("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");
        if (!literal || (slash >= 0 && !text.substring(slash + 1).matches("[0-9]{1,3}"))) {
            throw malformed(text);
        }
        try {
            byte[] network = InetAddress.getByName(address).getAddress();
            int bits = slash < 0 ? network.length * 8 : Integer.parseInt(text.substring(slash + 1));
            return new Cidr(network, bits);
        } catch (UnknownHostException | IllegalArgumentException e) {
            throw malformed(text);
        }
    }

    /** Whether this is how the text writes it, with the first address of the block: {@code 192.0.2.7/24} is not. */
    public boolean isWritten(String text) {
        int slash = text.indexOf('/');
        return slash < 0 || Arrays.equals(parse(text.substring(0, slash)).network, network);
    }

    private static IllegalArgumentException malformed(String text) {
        return new IllegalArgumentException(
                "address block: '" + text + "' (expected: for instance 192.0.2.0/24 or 2001:db8::/32)");
    }

    @Override
    public byte[] network() {
        return network.clone();
    }

    /** Whether the address lies in the block; one of the other family never does. */
    public boolean contains(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (bytes.length != network.length) {
            return false;
        }
        int whole = bits / 8;
        if (!Arrays.equals(bytes, 0, whole, network, 0, whole)) {
            return false;
        }
        int rest = bits % 8;
        return rest == 0 || ((bytes[whole] ^ network[whole]) & (0xFF << (8 - rest)) & 0xFF) == 0;
    }

    private static byte[] masked(byte[] address, int bits) {
        byte[] masked = address.clone();
        for (int i = 0; i < masked.length; i++) {
            int kept = Math.min(8, Math.max(0, bits - i * 8));
            masked[i] = (byte) (masked[i] & (0xFF << (8 - kept)));
        }
        return masked;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Cidr that && bits == that.bits && Arrays.equals(network, that.network);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(network) * 31 + bits;
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        try {
            InetAddress address = InetAddress.getByAddress(network);
            return address.getHostAddress() + "/" + bits;
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of " + network.length + " bytes", e);
        }
    }
}
