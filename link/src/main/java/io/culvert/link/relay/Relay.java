package io.culvert.link.relay;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Carries bytes between two legs until both directions have ended or one leg fails. It knows neither sockets nor yamux; both programs use
 * it. Lives on the one thread of both legs.
 *
 * <pre>
 *   left  -- data -->  Way  -- write -->  right      writable? no: left.reading(false) until right says writable
 *   left  <-- write -- Way  <-- data --   right      sent n:       the source hears consumed(n), that is its credit
 * </pre>
 *
 * An end travels as an end, a failure as a reset: neither is ever turned into the other. A direction may be given a {@link Valve}: what it
 * holds back waits here, and an end waits behind it.
 */
public final class Relay {
    /** Bytes that a valve is asked about in one go. */
    private static final int MOST_AT_ONCE = 256 * 1024;

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
     * @param traffic hears of every byte as it is handed on
     * @param closed hears once, at the end, why
     */
    public static Relay join(Leg left, Leg right, Traffic traffic, Consumer<CloseReason> closed) {
        return join(left, right, traffic, null, null, closed);
    }

    /**
     * Likewise, with valves from the first byte on.
     *
     * @param forth for what comes from the left leg; null for none
     * @param back for what comes from the right leg; null for none
     */
    public static Relay join(
            Leg left,
            Leg right,
            Traffic traffic,
            @Nullable Valve forth,
            @Nullable Valve back,
            Consumer<CloseReason> closed) {
        Relay relay = new Relay(left, right, traffic, closed);
        relay.forth.other = relay.back;
        relay.back.other = relay.forth;
        relay.forth.set(forth);
        relay.back.set(back);
        left.attach(relay.forth);
        if (!relay.done) {
            right.attach(relay.back);
        }
        return relay;
    }

    /** Puts other valves in the place of those that are there, and {@linkplain #resume resumes}; null for none. Not from within a valve. */
    public void valves(@Nullable Valve newForth, @Nullable Valve newBack) {
        if (!done) {
            forth.set(newForth);
            back.set(newBack);
            resume();
        }
    }

    /** Offers what waits to the valves again. Not from within a valve. */
    public void resume() {
        forth.resume();
        back.resume();
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
        forth.drop();
        back.drop();
        closed.accept(reason);
    }

    /** Hears of bytes as they are handed on; called on the relay's thread, many times a second: must be cheap. */
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
        /** Null where there is no valve and nothing waits: then a piece costs this one look. */
        private @Nullable Gate gate;

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
            Gate current = gate;
            if (current == null) {
                hand(bytes);
            } else {
                current.add(bytes);
                offer(current);
            }
            rest();
        }

        private void hand(ByteBuf bytes) {
            counter.add(bytes.readableBytes());
            to.write(bytes);
        }

        private void rest() {
            if (!resting && !done && (!to.writable() || full())) {
                resting = true;
                from.reading(false);
            }
        }

        /** Whether as much waits as the valve wants to have at hand. */
        private boolean full() {
            Gate current = gate;
            return current != null && current.bytes >= (current.valve == null ? 1 : current.valve.ahead());
        }

        void set(@Nullable Valve valve) {
            Gate current = gate;
            if (current != null) {
                current.valve = valve;
            } else if (valve != null) {
                gate = new Gate(valve);
            }
        }

        void resume() {
            Gate current = gate;
            if (current == null || done) {
                return;
            }
            offer(current);
            to.flush();
            if (!resting) {
                // offer() may have stopped because the other leg is full;
                // only a resting source is woken by writable(), so rest now.
                rest();
            } else if (!done && to.writable() && !full()) {
                resting = false;
                from.reading(true);
            }
        }

        /** Hands on what the valve lets pass and the other leg takes. */
        private void offer(Gate current) {
            while (current.bytes > 0 && !done && to.writable()) {
                int wanted = (int) Math.min(MOST_AT_ONCE, current.bytes);
                Valve valve = current.valve;
                int n = valve == null ? wanted : valve.pass(wanted);
                hand(current, n);
                if (n < wanted) {
                    return;
                }
            }
            if (!done && current.bytes == 0) {
                if (current.valve == null) {
                    gate = null;
                }
                if (current.endWaits) {
                    current.endWaits = false;
                    handEnd();
                }
            }
        }

        /** Hands so many bytes on, in the pieces in which they came. */
        private void hand(Gate current, int n) {
            int left = n;
            for (ByteBuf next = current.waiting.peek(); next != null && left > 0; next = current.waiting.peek()) {
                int there = next.readableBytes();
                ByteBuf part = there <= left ? current.waiting.remove() : next.readRetainedSlice(left);
                int taken = part.readableBytes();
                left -= taken;
                current.bytes -= taken;
                hand(part);
            }
        }

        /** Lets go of what waits: nobody will take it now. */
        void drop() {
            Gate current = gate;
            gate = null;
            if (current != null) {
                current.waiting.forEach(ByteBuf::release);
                current.waiting.clear();
                current.bytes = 0;
            }
        }

        @Override
        public void dataComplete() {
            to.flush();
        }

        @Override
        public void ended() {
            Gate current = gate;
            if (current != null && current.bytes > 0) {
                current.endWaits = true;
            } else {
                handEnd();
            }
        }

        private void handEnd() {
            over = true;
            to.end();
            if (other.over) {
                finish(CloseReason.ENDED);
            }
        }

        @Override
        public void failed(CloseReason reason) {
            if (done) {
                // Both had ended, but one was still being sent its last bytes:
                // nobody will take them now, nor give their credit back.
                left.reset();
                right.reset();
            }
            finish(reason == CloseReason.SESSION_LOST ? reason : onFailure);
        }

        @Override
        public void writable() {
            if (other.resting && !done) {
                if (other.gate != null) {
                    other.resume();
                } else {
                    other.resting = false;
                    other.from.reading(true);
                }
            }
        }

        @Override
        public void sent(int bytes) {
            to.consumed(bytes);
        }
    }

    /** What stands in the way of one direction, and what waits before it. */
    private static final class Gate {
        private final Queue<ByteBuf> waiting = new ArrayDeque<>(2);
        private @Nullable Valve valve;
        private long bytes;
        private boolean endWaits;

        Gate(Valve valve) {
            this.valve = valve;
        }

        void add(ByteBuf piece) {
            if (piece.isReadable()) {
                waiting.add(piece);
                bytes += piece.readableBytes();
            } else {
                piece.release();
            }
        }
    }
}
