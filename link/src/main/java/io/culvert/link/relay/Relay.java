package io.culvert.link.relay;

import io.netty.buffer.ByteBuf;
import java.util.function.Consumer;

/**
 * Carries bytes between two legs until both directions have ended or one leg fails. It knows neither sockets nor yamux; both programs use
 * it. Lives on the one thread of both legs.
 *
 * <pre>
 *   left  -- data -->  Way  -- write -->  right      writable? no: left.reading(false) until right says writable
 *   left  <-- write -- Way  <-- data --   right      sent n:       the source hears consumed(n), that is its credit
 * </pre>
 *
 * An end travels as an end, a failure as a reset: neither is ever turned into the other.
 */
public final class Relay {
    private final Leg left;
    private final Leg right;
    private final Way forth;
    private final Way back;
    private final Consumer<CloseReason> closed;
    private boolean done;

    private Relay(Leg left, Leg right, Traffic traffic, Consumer<CloseReason> closed) {
        this.left = left;
        this.right = right;
        this.closed = closed;
        this.forth = new Way(left, right, traffic::forth, CloseReason.LEFT_RESET);
        this.back = new Way(right, left, traffic::back, CloseReason.RIGHT_RESET);
    }

    /**
     * Joins two legs; bytes flow from now on.
     *
     * @param traffic hears of every byte as it is read
     * @param closed hears once, at the end, why
     */
    public static Relay join(Leg left, Leg right, Traffic traffic, Consumer<CloseReason> closed) {
        Relay relay = new Relay(left, right, traffic, closed);
        relay.forth.other = relay.back;
        relay.back.other = relay.forth;
        left.attach(relay.forth);
        if (!relay.done) {
            right.attach(relay.back);
        }
        return relay;
    }

    /**
     * Ends both legs at once by reset, also where the relay is over and a slow reader is still being sent its last bytes. Repeating it
     * does nothing.
     */
    public void cut() {
        left.reset();
        right.reset();
        finish(CloseReason.CUT);
    }

    private void finish(CloseReason reason) {
        if (done) {
            return;
        }
        done = true;
        if (reason != CloseReason.ENDED) {
            left.reset();
            right.reset();
        }
        closed.accept(reason);
    }

    /** Hears of bytes as they are read; called on the relay's thread, many times a second: must be cheap. */
    public interface Traffic {
        /** Bytes that came from the left leg. */
        void forth(int bytes);

        /** Bytes that came from the right leg. */
        void back(int bytes);
    }

    private interface Counter {
        void add(int bytes);
    }

    /** One direction; hears what its source leg tells, which includes what became of the other direction's bytes. */
    private final class Way implements LegEvents {
        private final Leg from;
        private final Leg to;
        private final Counter counter;
        private final CloseReason onFailure;
        private Way other = this;
        private boolean resting;
        private boolean over;

        Way(Leg from, Leg to, Counter counter, CloseReason onFailure) {
            this.from = from;
            this.to = to;
            this.counter = counter;
            this.onFailure = onFailure;
        }

        @Override
        public void data(ByteBuf bytes) {
            if (done) {
                bytes.release();
                return;
            }
            counter.add(bytes.readableBytes());
            to.write(bytes);
            if (!resting && !to.writable()) {
                resting = true;
                from.reading(false);
            }
        }

        @Override
        public void dataComplete() {
            to.flush();
        }

        @Override
        public void ended() {
            over = true;
            to.end();
            if (other.over) {
                finish(CloseReason.ENDED);
            }
        }

        @Override
        public void failed(CloseReason reason) {
            if (done) {
                // Both had ended, but one was still being sent its last bytes: nobody will take them now, nor give
                // their credit back.
                left.reset();
                right.reset();
            }
            finish(reason == CloseReason.SESSION_LOST ? reason : onFailure);
        }

        @Override
        public void writable() {
            if (other.resting && !done) {
                other.resting = false;
                other.from.reading(true);
            }
        }

        @Override
        public void sent(int bytes) {
            to.consumed(bytes);
        }
    }
}
