package io.culvert.control.hook;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;

/**
 * Which addresses webhooks may be at. Loopback and private ones are fine: only administrators make webhooks, and what they want to reach
 * stands beside the server as often as not. Never fine are the addresses where a cloud keeps its machines' credentials and what only
 * means something on one link, in whatever dress they come. No state, any thread.
 */
public final class AddressRule {
    /** Where clouds tell machines who they are, besides 169.254.0.0/16: Alibaba, Oracle, Azure. */
    private static final Set<String> METADATA = Set.of("100.100.100.200", "192.0.0.192", "168.63.129.16");
    /** The same at AWS over IPv6, fd00:ec2::254. */
    private static final byte[] METADATA_6 = HexFormat.of().parseHex("fd000ec2000000000000000000000254");

    private static final byte[] NAT64 = HexFormat.of().parseHex("0064ff9b0000000000000000");
    /** ::a.b.c.d; the JDK turns ::ffff:a.b.c.d into IPv4 by itself. */
    private static final byte[] COMPATIBLE = HexFormat.of().parseHex("000000000000000000000000");

    private AddressRule() {}

    /** Why a webhook may not be at this address; empty where it may. */
    public static Optional<String> refusal(InetAddress address) {
        if (address instanceof Inet4Address) {
            return refusal4(address);
        }
        byte[] bytes = address.getAddress();
        if (address.isLinkLocalAddress()) {
            return refused(address, "link-local");
        }
        if (address.isAnyLocalAddress() || address.isMulticastAddress()) {
            return refused(address, "not one machine's");
        }
        if (Arrays.equals(bytes, METADATA_6)) {
            return refused(address, "a cloud's metadata service");
        }
        if (address.isLoopbackAddress()) {
            return Optional.empty();
        }
        if (startsWith(bytes, NAT64) || startsWith(bytes, COMPATIBLE)) {
            return refusal4(embedded(bytes, 12));
        }
        if (bytes[0] == 0x20 && bytes[1] == 0x02) {
            // 6to4.
            return refusal4(embedded(bytes, 2));
        }
        return Optional.empty();
    }

    private static Optional<String> refusal4(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (address.isLinkLocalAddress()) {
            return refused(address, "link-local, where clouds keep their metadata service");
        }
        if (METADATA.contains(address.getHostAddress())) {
            return refused(address, "a cloud's metadata service");
        }
        if (bytes[0] == 0 || (bytes[0] & 0xff) >= 224) {
            return refused(address, "not one machine's");
        }
        return Optional.empty();
    }

    private static Optional<String> refused(InetAddress address, String why) {
        return Optional.of(address.getHostAddress() + " is " + why);
    }

    private static boolean startsWith(byte[] bytes, byte[] prefix) {
        return Arrays.equals(bytes, 0, prefix.length, prefix, 0, prefix.length);
    }

    private static InetAddress embedded(byte[] bytes, int from) {
        try {
            return InetAddress.getByAddress(Arrays.copyOfRange(bytes, from, from + 4));
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four bytes are an address", e);
        }
    }
}
