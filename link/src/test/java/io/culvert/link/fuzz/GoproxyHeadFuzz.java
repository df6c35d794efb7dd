package io.culvert.link.fuzz;

import io.culvert.link.goproxy.GoproxyHead;
import io.netty.buffer.UnpooledByteBufAllocator;

/** The head of goproxy streams. */
public final class GoproxyHeadFuzz {
    private GoproxyHeadFuzz() {}

    /** One input. */
    public static void fuzzerTestOneInput(byte[] data) {
        CodecCheck.check(
                data,
                GoproxyHead.MAX_BYTES,
                true,
                GoproxyHead::decode,
                it -> it.encode(UnpooledByteBufAllocator.DEFAULT));
    }
}
