package io.culvert.link.net;

import io.culvert.link.relay.CloseReason;
import io.culvert.link.relay.LegEvents;
import io.netty.buffer.ByteBuf;
import java.util.List;

/** Writes down what a leg tells, and keeps none of its bytes. */
class Listening implements LegEvents {
    private final List<String> heard;

    Listening(List<String> heard) {
        this.heard = heard;
    }

    @Override
    public void data(ByteBuf bytes) {
        heard.add(bytes.readableBytes() + " bytes");
        bytes.release();
    }

    @Override
    public void dataComplete() {}

    @Override
    public void ended() {
        heard.add("ended");
    }

    @Override
    public void failed(CloseReason reason) {
        heard.add("failed");
    }

    @Override
    public void writable() {}

    @Override
    public void sent(int bytes) {}
}
