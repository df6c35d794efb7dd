package io.culvert.link.fuzz;

import static io.culvert.link.fuzz.CodecCheck.require;

import io.culvert.link.net.SnappyLeg;
import io.culvert.link.relay.CloseReason;
import io.culvert.link.relay.Leg;
import io.culvert.link.relay.LegEvents;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A snappy leg fed with a peer's bytes, then with its own writing of the same bytes. The first byte says how the rest is cut, and whether
 * what comes out is consumed at once. Whatever comes: what waits inflated is bounded and told, no more credit is given back than was taken, and
 * every buffer is released.
 */
public final class SnappyFuzz {
    /** What may wait by the leg's own bound, and what one step of it may add to that. */
    private static final int MOST_WAITING = 256 * 1024 + 2 * 65_536 + 21 * 4_096;

    private SnappyFuzz() {}

    /** One input. */
    public static void fuzzerTestOneInput(byte[] data) {
        if (data.length == 0) {
            return;
        }
        int step = 1 + (data[0] & 0x7F) * (data[0] & 0x7F);
        boolean eager = data[0] < 0;
        byte[] bytes = Arrays.copyOfRange(data, 1, data.length);
        new Run(eager).feed(bytes, step);

        Wire wire = new Wire();
        SnappyLeg packer = new SnappyLeg(wire, held -> {});
        for (int at = 0; at < bytes.length; at += step) {
            packer.write(Unpooled.wrappedBuffer(bytes, at, Math.min(step, bytes.length - at)));
            if (step % 3 != 0) {
                packer.flush();
            }
        }
        packer.end();
        Run run = new Run(eager);
        run.feed(wire.written.toByteArray(), step);
        require(!run.failed, "its own writing is refused");
        require(Arrays.equals(run.plain.toByteArray(), bytes), "its own writing reads otherwise");
        packer.reset();
    }

    private static final class Run implements LegEvents {
        private final Wire wire = new Wire();
        private final SnappyLeg leg = new SnappyLeg(wire, bytes -> held = bytes);
        private final ByteArrayOutputStream plain = new ByteArrayOutputStream();
        private final List<ByteBuf> fed = new ArrayList<>();
        private final boolean eager;
        private int waiting;
        private int held;
        private boolean failed;
        private boolean ended;

        Run(boolean eager) {
            this.eager = eager;
        }

        void feed(byte[] bytes, int step) {
            leg.attach(this);
            int sofar = 0;
            for (int at = 0; at < bytes.length && !wire.reset; at += step) {
                ByteBuf piece = Unpooled.copiedBuffer(bytes, at, Math.min(step, bytes.length - at));
                fed.add(piece);
                sofar += piece.readableBytes();
                wire.events().data(piece);
                wire.events().dataComplete();
                require(waiting <= MOST_WAITING, waiting + " bytes wait inflated");
                require(wire.credit <= sofar, "credit for what never came");
                require(wire.reset || held >= waiting - (sofar - wire.credit), held + " bytes told for " + waiting);
            }
            if (!wire.reset) {
                wire.events().ended();
            }
            while (waiting > 0 && !wire.reset) {
                consume();
            }
            require(failed || ended, "neither an end nor a failure");
            require(failed || wire.credit == sofar, wire.credit + " bytes of credit for " + sofar);
            require(failed || held == 0, held + " bytes told where none are held");
            leg.reset();
            fed.forEach(each -> require(each.refCnt() == 0, "leaked"));
        }

        private void consume() {
            int n = waiting;
            waiting = 0;
            leg.consumed(n);
        }

        @Override
        public void data(ByteBuf bytes) {
            require(!ended && !failed && bytes.isReadable(), "data behind the end, or none");
            waiting += bytes.readableBytes();
            plain.writeBytes(ByteBufUtil.getBytes(bytes));
            bytes.release();
            if (eager) {
                consume();
            }
        }

        @Override
        public void dataComplete() {}

        @Override
        public void ended() {
            require(!ended && !failed, "a second end");
            ended = true;
        }

        @Override
        public void failed(CloseReason reason) {
            require(!ended && !failed, "a failure behind the end");
            failed = true;
        }

        @Override
        public void writable() {}

        @Override
        public void sent(int bytes) {}
    }

    /** The packed side. */
    private static final class Wire implements Leg {
        private final ByteArrayOutputStream written = new ByteArrayOutputStream();
        private @Nullable LegEvents events;
        private int credit;
        private boolean reset;

        LegEvents events() {
            LegEvents listener = events;
            if (listener == null) {
                throw new AssertionError("nobody is attached");
            }
            return listener;
        }

        @Override
        public void attach(LegEvents listener) {
            events = listener;
        }

        @Override
        public void write(ByteBuf bytes) {
            written.writeBytes(ByteBufUtil.getBytes(bytes));
            bytes.release();
        }

        @Override
        public void flush() {}

        @Override
        public boolean writable() {
            return true;
        }

        @Override
        public void reading(boolean on) {}

        @Override
        public void consumed(int bytes) {
            require(bytes > 0, "credit for " + bytes);
            credit += bytes;
        }

        @Override
        public void end() {}

        @Override
        public void reset() {
            reset = true;
        }
    }
}
