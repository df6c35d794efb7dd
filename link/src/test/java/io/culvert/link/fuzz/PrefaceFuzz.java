package io.culvert.link.fuzz;

import io.culvert.link.goproxy.Preface;
import io.netty.buffer.UnpooledByteBufAllocator;

/** The first packet of goproxy peers. */
public final class PrefaceFuzz {
    private PrefaceFuzz() {}

    /** One input. */
    public static void fuzzerTestOneInput(byte[] data) {
        CodecCheck.check(
                data, Preface.MAX_BYTES, true, Preface::decode, it -> it.encode(UnpooledByteBufAllocator.DEFAULT));
    }
}
