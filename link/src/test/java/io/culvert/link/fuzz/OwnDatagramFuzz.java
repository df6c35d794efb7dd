package io.culvert.link.fuzz;

import io.culvert.link.agent.DatagramFrame;
import io.netty.buffer.UnpooledByteBufAllocator;

/** The datagrams of Culvert's own agents. */
public final class OwnDatagramFuzz {
    private OwnDatagramFuzz() {}

    /** One input. */
    public static void fuzzerTestOneInput(byte[] data) {
        CodecCheck.check(
                data,
                Short.BYTES + DatagramFrame.MAX_BODY,
                true,
                DatagramFrame::decode,
                it -> DatagramFrame.encode(it, UnpooledByteBufAllocator.DEFAULT));
    }
}
