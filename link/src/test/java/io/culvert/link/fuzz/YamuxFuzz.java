package io.culvert.link.fuzz;

import static io.culvert.link.fuzz.CodecCheck.require;

import io.culvert.link.yamux.StreamEvents;
import io.culvert.link.yamux.Yamux;
import io.culvert.link.yamux.YamuxEvents;
import io.culvert.link.yamux.YamuxLimits;
import io.culvert.link.yamux.YamuxStream;
import io.culvert.link.yamux.YamuxViolation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;

/**
 * A session fed with a peer's bytes, while its own side opens, writes, consumes and resets. The first byte names the role, the second how
 * the rest is cut. Whatever comes: memory stays within the limits, what is sent are frames, and at the end every buffer is released.
 */
public final class YamuxFuzz implements YamuxEvents {
    private static final YamuxLimits LIMITS = new YamuxLimits(8, 8, 2, 512 * 1024, 512 * 1024, 300_000, 1_000);
    private static final int MOST_ACTIONS = 5;

    private final UnpooledByteBufAllocator alloc = new UnpooledByteBufAllocator(false, true);
    private final Yamux yamux;
    private final List<Ear> ears = new ArrayList<>();
    private long unconsumed;
    /** Payload that the last data header promised and that is still to come. */
    private int payloadLeft;

    private boolean closed;

    private YamuxFuzz(Yamux.Role role) {
        yamux = new Yamux(role, LIMITS, alloc, this);
    }

    /** One input. */
    public static void fuzzerTestOneInput(byte[] data) {
        if (data.length < 2) {
            return;
        }
        YamuxFuzz fuzz = new YamuxFuzz((data[0] & 1) == 0 ? Yamux.Role.CLIENT : Yamux.Role.SERVER);
        fuzz.run(data, 1 + (data[1] & 0xFF) * (data[1] & 0xFF));
    }

    private void run(byte[] data, int step) {
        int pieces = 0;
        try {
            for (int at = 2; at < data.length; at += step) {
                long now = pieces * 1_000_000L;
                act(pieces++ % MOST_ACTIONS, now);
                ByteBuf piece = Unpooled.wrappedBuffer(data, at, Math.min(step, data.length - at));
                yamux.receive(piece, now);
                require(!piece.isReadable(), "bytes left unread");
                require(unconsumed <= LIMITS.maxBuffered(), unconsumed + " bytes held");
                require(yamux.streams() <= LIMITS.maxOpened() + LIMITS.maxAccepted() + ears.size(), "too many streams");
                yamux.pump(10_000);
            }
        } catch (YamuxViolation violation) {
            // Its session ends here.
        }
        closed = true;
        yamux.close();
        require(yamux.streams() == 0, "streams after the end");
        require(alloc.metric().usedDirectMemory() + alloc.metric().usedHeapMemory() == 0, "leaked");
    }

    private void act(int action, long now) {
        switch (action) {
            case 0 -> {
                YamuxStream stream = yamux.open(now);
                if (stream != null) {
                    ears.add(new Ear(stream));
                    stream.write(alloc.directBuffer(3_000).writeZero(3_000));
                }
            }
            case 1 -> ears.forEach(each -> each.consume(now));
            case 2 -> {
                if (!ears.isEmpty()) {
                    ears.get(0).stream.finish();
                }
            }
            case 3 -> yamux.roundTrip(50_000_000);
            default -> {
                if (ears.size() > 6) {
                    Ear first = ears.remove(0);
                    first.over();
                    first.stream.reset();
                }
            }
        }
    }

    @Override
    public void send(ByteBuf bytes) {
        try {
            if (payloadLeft > 0) {
                payloadLeft -= bytes.readableBytes();
                require(payloadLeft == 0, "a payload that is not its header's");
                return;
            }
            require(bytes.readableBytes() == 12 && bytes.getByte(0) == 0 && bytes.getByte(1) <= 3, "no header");
            payloadLeft = bytes.getByte(1) == 0 ? bytes.getInt(8) : 0;
            require(payloadLeft >= 0 && payloadLeft <= LIMITS.maxFrame(), "a frame of " + payloadLeft);
        } finally {
            bytes.release();
        }
    }

    @Override
    public void opened(YamuxStream stream) {
        ears.add(new Ear(stream));
    }

    @Override
    public void pong(int value) {}

    @Override
    public void goAway(int code) {}

    private final class Ear implements StreamEvents {
        private final YamuxStream stream;
        private int held;
        private boolean ended;
        private boolean over;

        Ear(YamuxStream stream) {
            this.stream = stream;
            stream.listen(this);
        }

        void consume(long now) {
            int n = held;
            if (n > 0) {
                held = 0;
                unconsumed -= n;
                stream.consumed(n, now);
            }
        }

        void over() {
            over = true;
            unconsumed -= held;
            held = 0;
        }

        @Override
        public void data(ByteBuf payload) {
            require(!ended && !over && !closed, "data behind the end");
            held += payload.readableBytes();
            unconsumed += payload.readableBytes();
            payload.release();
            require(held <= LIMITS.maxStreamWindow(), held + " bytes in a stream");
        }

        @Override
        public void ended() {
            require(!ended && !over, "a second end");
            ended = true;
        }

        @Override
        public void reset() {
            require(!over, "a second reset");
            over();
        }

        @Override
        public void writable() {}

        @Override
        public void sent(int bytes) {}
    }
}
