package io.culvert.control.hook;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;

/**
 * Which addresses a webhook may be at, whatever dress they come in. No state, any thread.
 *
 * <pre>
 *                                      OF_SERVER   OF_PROJECT
 *   public                             yes         yes
 *   loopback, private, CGNAT …         yes         no
 *   link-local, clouds' metadata       no          no
 *   no single machine's                no          no
 * </pre>
 */
public enum AddressRule {
    /** Of the server: made by an admin, and what an admin wants to reach stands beside the server as often as not. */
    OF_SERVER,
    /** Of a project, whoever made it: only what is out on the internet for all, as IANA's registries of special addresses have it. */
    OF_PROJECT;

    /** Where clouds tell machines who they are, besides 169.254.0.0/16: Alibaba, Oracle, Azure. */
    private static final Set<String> METADATA = Set.of("100.100.100.200", "192.0.0.192", "168.63.129.16");
    /** The same at AWS over IPv6, fd00:ec2::254. */
    private static final byte[] METADATA_6 = HexFormat.of().parseHex("fd000ec2000000000000000000000254");

    private static final byte[] NAT64 = HexFormat.of().parseHex("0064ff9b0000000000000000");
    /** ::a.b.c.d; the JDK turns ::ffff:a.b.c.d into IPv4 by itself. */
    private static final byte[] COMPATIBLE = HexFormat.of().parseHex("000000000000000000000000");
    /** 2001::/32: ends at whatever IPv4 address stands in it. */
    private static final byte[] TEREDO = HexFormat.of().parseHex("20010000");

    /** The rule for a webhook of this project, or of the server where there is none. */
    public static AddressRule of(Optional<String> project) {
        return project.isPresent() ? OF_PROJECT : OF_SERVER;
    }

    /** Why a webhook may not be at this address; empty where it may. */
    public Optional<String> refusal(InetAddress address) {
        return address instanceof Inet4Address ? refusal4(address) : refusal6(address);
    }

    private Optional<String> refusal6(InetAddress address) {
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
            return unlessOfServer(address, "loopback");
        }
        if (startsWith(bytes, NAT64) || startsWith(bytes, COMPATIBLE)) {
            return refusal4(embedded(bytes, 12));
        }
        if (bytes[0] == 0x20 && bytes[1] == 0x02) {
            // 6to4.
            return refusal4(embedded(bytes, 2));
        }
        // Of all IPv6 only 2000::/3 is given out as public; fc00::/7, fec0::/10 and 64:ff9b:1::/48 are not in it.
        boolean given = (bytes[0] & 0xe0) == 0x20 && !startsWith(bytes, TEREDO);
        return given ? Optional.empty() : unlessOfServer(address, "private");
    }

    private Optional<String> refusal4(InetAddress address) {
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
        if (address.isLoopbackAddress()) {
            return unlessOfServer(address, "loopback");
        }
        return isPrivate(address) ? unlessOfServer(address, "private") : Optional.empty();
    }

    private static boolean isPrivate(InetAddress address) {
        byte[] bytes = address.getAddress();
        int first = bytes[0] & 0xff;
        int second = bytes[1] & 0xff;
        // RFC 1918; 100.64.0.0/10, carriers' NAT; 198.18.0.0/15, benchmarks; 192.0.0.0/24, protocols.
        return address.isSiteLocalAddress()
                || (first == 100 && (second & 0xc0) == 64)
                || (first == 198 && (second & 0xfe) == 18)
                || (first == 192 && second == 0 && bytes[2] == 0);
    }

    private Optional<String> unlessOfServer(InetAddress address, String why) {
        return this == OF_SERVER
                ? Optional.empty()
                : refused(address, why + "; webhooks of projects go to public addresses only");
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
