package io.culvert.gateway.engine;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.gateway.ProxyHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ProxyHeadersTest {
    private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";

    private static InetSocketAddress at(int port, int... address) throws UnknownHostException {
        byte[] bytes = new byte[address.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) address[i];
        }
        return new InetSocketAddress(InetAddress.getByAddress(bytes), port);
    }

    private static InetSocketAddress six(int port, int last) throws UnknownHostException {
        return at(port, 0x20, 1, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last);
    }

    private static String text(InetSocketAddress visitor, @Nullable InetSocketAddress local) {
        ByteBuf header = Objects.requireNonNull(
                ProxyHeaders.stream(ProxyHeader.V1, visitor, local, UnpooledByteBufAllocator.DEFAULT));
        try {
            return header.toString(US_ASCII);
        } finally {
            header.release();
        }
    }

    private static String hex(@Nullable ByteBuf header) {
        ByteBuf there = Objects.requireNonNull(header);
        try {
            return ByteBufUtil.hexDump(there);
        } finally {
            there.release();
        }
    }

    @Test
    void asText() throws Exception {
        assertThat(text(at(51234, 203, 0, 113, 9), at(22, 198, 51, 100, 1)))
                .isEqualTo("PROXY TCP4 203.0.113.9 198.51.100.1 51234 22\r\n");
        assertThat(text(six(1, 2), six(65535, 3)))
                .isEqualTo("PROXY TCP6 2001:db8:0:0:0:0:0:2 2001:db8:0:0:0:0:0:3 1 65535\r\n");
        assertThat(text(six(1, 2), at(2, 10, 0, 0, 1))).isEqualTo("PROXY UNKNOWN\r\n");
        assertThat(text(six(1, 2), null)).isEqualTo("PROXY UNKNOWN\r\n");
    }

    @Test
    void asBytes() throws Exception {
        UnpooledByteBufAllocator alloc = UnpooledByteBufAllocator.DEFAULT;
        assertThat(hex(ProxyHeaders.stream(ProxyHeader.V2, at(258, 203, 0, 113, 9), at(22, 198, 51, 100, 1), alloc)))
                .isEqualTo(SIGNATURE + "2111000c" + "cb007109" + "c6336401" + "0102" + "0016");
        assertThat(hex(ProxyHeaders.stream(ProxyHeader.V2, six(1, 2), six(3, 4), alloc)))
                .isEqualTo(SIGNATURE + "21210024" + "20010db8000000000000000000000002"
                        + "20010db8000000000000000000000004" + "0001" + "0003");
        // A port that is bound to any address does not know where the datagram came to.
        assertThat(hex(ProxyHeaders.datagram(ProxyHeader.V1, at(1, 10, 0, 0, 1), six(2, 0), alloc)))
                .isEqualTo(SIGNATURE + "2112000c" + "0a000001" + "00000000" + "0001" + "0002");
        assertThat(ProxyHeaders.datagram(ProxyHeader.NONE, at(1, 10, 0, 0, 1), null, alloc))
                .isNull();
    }

    @Test
    void anIpv4AddressInIpv6ClothesIsOne() throws Exception {
        byte[] mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 10, 0, 0, 1};
        assertThat(Addresses.plain(Inet6Address.getByAddress(null, mapped, -1)))
                .isEqualTo(InetAddress.getByAddress(new byte[] {10, 0, 0, 1}));
        InetAddress other = six(1, 2).getAddress();
        assertThat(Addresses.plain(other)).isSameAs(other);
    }
}
