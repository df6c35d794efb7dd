package io.culvert.link.fuzz;

import io.culvert.link.goproxy.Datagram;
import io.netty.buffer.UnpooledByteBufAllocator;

/** goproxy's datagrams. */
public final class DatagramFuzz {
    private DatagramFuzz() {}

    /** One input. */
    public static void fuzzerTestOneInput(byte[] data) {
        CodecCheck.check(
                data, Datagram.MAX_BYTES, true, Datagram::decode, it -> it.encode(UnpooledByteBufAllocator.DEFAULT));
    }
}
