package io.culvert.link.fuzz;

import io.culvert.link.agent.MessageCodec;
import io.culvert.link.agent.StreamHead;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.Arrays;

/** The messages of Culvert's own agents, and the head of their streams; which of the two, the first byte says. */
public final class MessageFuzz {
    private MessageFuzz() {}

    /** One input. */
    public static void fuzzerTestOneInput(byte[] data) {
        if (data.length == 0) {
            return;
        }
        byte[] rest = Arrays.copyOfRange(data, 1, data.length);
        // Not exact: either may carry fields that this version does not know.
        if (data[0] == 0) {
            CodecCheck.check(
                    rest,
                    MessageCodec.HEADER_BYTES + MessageCodec.MAX_BODY,
                    false,
                    MessageCodec::decode,
                    it -> MessageCodec.encode(it, UnpooledByteBufAllocator.DEFAULT));
        } else {
            CodecCheck.check(
                    rest,
                    Short.BYTES + StreamHead.MAX_REST,
                    false,
                    StreamHead::decode,
                    it -> it.encode(UnpooledByteBufAllocator.DEFAULT));
        }
    }
}
