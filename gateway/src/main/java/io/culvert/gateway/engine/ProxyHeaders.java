package io.culvert.gateway.engine;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.culvert.gateway.ProxyHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What tells a target who its visitor is: HAProxy's PROXY protocol.
 *
 * <pre>
 * v1   PROXY TCP4 203.0.113.9 198.51.100.1 51234 22\r\n
 * v2   signature, 12 bytes | 0x21 | family and transport | u16 length | addresses, visitor's first | ports, likewise
 * </pre>
 *
 * Stateless, any thread.
 */
final class ProxyHeaders {
    private static final byte[] SIGNATURE = {0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A};
    /** Version 2, command PROXY. */
    private static final int PROXIED = 0x21;

    private static final int INET = 0x10;
    private static final int INET6 = 0x20;
    private static final int STREAM = 0x01;
    private static final int DGRAM = 0x02;
    private static final int IPV4_BYTES = 4;

    private ProxyHeaders() {}

    /**
     * The header for a connection; null where none is wanted.
     *
     * @param visitor where the visitor comes from
     * @param local where it came to
     */
    static @Nullable ByteBuf stream(
            ProxyHeader version,
            InetSocketAddress visitor,
            @Nullable InetSocketAddress local,
            ByteBufAllocator allocator) {
        return switch (version) {
            case NONE -> null;
            case V1 -> text(visitor, local, allocator);
            case V2 -> binary(STREAM, visitor, local, allocator);
        };
    }

    /** The header in front of a flow's first datagram: version 2, whichever is wanted, since version 1 knows no datagrams. */
    static @Nullable ByteBuf datagram(
            ProxyHeader version,
            InetSocketAddress visitor,
            @Nullable InetSocketAddress local,
            ByteBufAllocator allocator) {
        return version == ProxyHeader.NONE ? null : binary(DGRAM, visitor, local, allocator);
    }

    private static ByteBuf text(
            InetSocketAddress visitor, @Nullable InetSocketAddress local, ByteBufAllocator allocator) {
        InetAddress from = Addresses.plain(visitor.getAddress());
        InetAddress to = local == null ? from : Addresses.plain(local.getAddress());
        boolean four = from.getAddress().length == IPV4_BYTES;
        String line = local == null || from.getAddress().length != to.getAddress().length
                ? "PROXY UNKNOWN\r\n"
                : "PROXY " + (four ? "TCP4 " : "TCP6 ") + bare(from) + " " + bare(to) + " " + visitor.getPort() + " "
                        + local.getPort() + "\r\n";
        return allocator.buffer(line.length()).writeBytes(line.getBytes(US_ASCII));
    }

    /** Without the zone of a link-local address, which means something on this machine only. */
    private static String bare(InetAddress address) {
        String text = address.getHostAddress();
        int zone = text.indexOf('%');
        return zone < 0 ? text : text.substring(0, zone);
    }

    /** An address that is not known, or of the other family, is all zeros. */
    private static ByteBuf binary(
            int transport, InetSocketAddress visitor, @Nullable InetSocketAddress local, ByteBufAllocator allocator) {
        byte[] from = Addresses.plain(visitor.getAddress()).getAddress();
        byte[] to = local == null
                ? new byte[0]
                : Addresses.plain(local.getAddress()).getAddress();
        int length = 2 * from.length + 2 * Short.BYTES;
        return allocator
                .buffer(SIGNATURE.length + 2 + Short.BYTES + length)
                .writeBytes(SIGNATURE)
                .writeByte(PROXIED)
                .writeByte((from.length == IPV4_BYTES ? INET : INET6) | transport)
                .writeShort(length)
                .writeBytes(from)
                .writeBytes(to.length == from.length ? to : new byte[from.length])
                .writeShort(visitor.getPort())
                .writeShort(local == null ? 0 : local.getPort());
    }
}
