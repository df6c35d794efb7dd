package io.culvert.link.yamux;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import java.util.ArrayList;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * One yamux session as a pure state machine: bytes and calls in, bytes ({@link YamuxEvents#send}) and events out. It has no channel, no
 * thread and no clock of its own; all calls must come from one thread, and the times handed in from one monotonic clock.
 *
 * <p>Wire format: {@code docs/protocol.md}. Memory is bounded by {@link YamuxLimits}: a stream holds at most its window of received bytes,
 * and what may wait to be sent shrinks as the session fills up.
 *
 * <p>A malformed or overreaching peer makes {@link #receive} throw {@link YamuxViolation}; the caller then ends the session.
 */
public final class Yamux {
    /** The window with which each stream starts in each direction, in bytes; fixed by the protocol. */
    public static final int INITIAL_WINDOW = 256 * 1024;

    /** What a stream may have waiting to be sent before its source is told to rest, while the session has room, in bytes. */
    private static final int STREAM_QUEUE = 64 * 1024;
    /** The room that all streams of a session share for bytes waiting to be sent; near its end the share of each shrinks, but not to nothing. */
    private static final int SESSION_QUEUE = 16 * 1024 * 1024;

    private static final int LEAST_QUEUE = 1024;
    /**
     * Buffers that a stream may have waiting to be sent, whatever their size: a source that reads one byte at a time would fill its 64 KiB
     * with some 50 MB of buffers.
     */
    private static final int QUEUE_PIECES = 64;
    /**
     * What a received piece costs beside its bytes, in bytes: the buffer object, its place in a socket's queue, its promise. Without it
     * one-byte frames would cost some 200 times of what is counted.
     */
    private static final int PIECE_COST = 256;
    /**
     * What part of its buffer a received slice counts for at least, since it keeps all of it alive, and other slices of the same one may be gone.
     * Of a buffer of 256 KiB, which a read brings at most, a whole frame of ours is a fourth.
     */
    private static final int SLICE_COST = 4;

    /** By how much what the streams hold has to change to be told, in bytes: a small request is no matter of it. */
    private static final int HELD_STEP = 64 * 1024;

    /**
     * What a stream of datagrams may have waiting to be sent, {@link #PIECE_COST} for each included. Their source cannot be told to rest, so this is what
     * a burst may hold before some of it is lost; on a slow path it is also what those wait that are not.
     */
    private static final int DATAGRAM_QUEUE = 256 * 1024;

    /** Most that a stream begins with: what 300 Mbit/s take on a path of 100 ms. */
    private static final int MAX_FIRST_WINDOW = 4 * 1024 * 1024;

    private static final long MAX_WINDOW = 0xFFFF_FFFFL;
    private static final int NOT_MEASURED = -1;

    /** Which ids a side uses for the streams that it opens: the client odd ones, the server even ones. */
    public enum Role {
        CLIENT(1),
        SERVER(2);

        private final int firstId;

        Role(int firstId) {
            this.firstId = firstId;
        }
    }

    private final Role role;
    private final YamuxLimits limits;
    private final ByteBufAllocator alloc;
    private final YamuxEvents events;

    private final IntObjectMap<YamuxStream> streams = new IntObjectHashMap<>();
    private final Line ready = new Line();
    private final Line waiting = new Line();
    private int nextId;
    private int opened;
    private int unacknowledged;
    private long queued;
    private long cost;
    /** What was last told of {@link #queued} and {@link #cost} together. */
    private long told;

    private long growth;
    /** What streams of this path were found to need, and what the next one begins with. */
    private int firstWindow = INITIAL_WINDOW;

    private long roundTrip = NOT_MEASURED;
    private boolean peerLeft;
    private boolean closed;

    /** The header being read; complete at twelve bytes. */
    private final byte[] header = new byte[Frame.HEADER];

    private int headerBytes;
    /** Payload of the current data frame that is still to come; its stream, or null where it is discarded. */
    private int payloadLeft;

    private @Nullable YamuxStream payloadOf;
    private boolean payloadEnds;

    public Yamux(Role role, YamuxLimits limits, ByteBufAllocator alloc, YamuxEvents events) {
        this.role = role;
        this.limits = limits;
        this.alloc = alloc;
        this.events = events;
        this.nextId = role.firstId;
    }

    // ---- from the peer
    // ------------------------------------------------------------------------------------------------------------

    /**
     * Takes in bytes of the peer, cut anywhere. The buffer stays the caller's; payload is handed on as retained slices of it, or as copies
     * where a slice would keep alive far more than it shows. What comes after {@link #close} is left unread.
     *
     * @param now nanoseconds of a monotonic clock
     * @throws YamuxViolation where the peer broke the protocol
     */
    public void receive(ByteBuf in, long now) {
        while (in.isReadable() && !closed) {
            if (payloadLeft > 0) {
                receivePayload(in);
                continue;
            }
            int n = Math.min(Frame.HEADER - headerBytes, in.readableBytes());
            in.readBytes(header, headerBytes, n);
            headerBytes += n;
            if (headerBytes == Frame.HEADER) {
                headerBytes = 0;
                receiveHeader(now);
            }
        }
    }

    private void receivePayload(ByteBuf in) {
        int n = Math.min(payloadLeft, in.readableBytes());
        payloadLeft -= n;
        YamuxStream stream = payloadOf;
        if (stream == null || stream.gone) {
            in.skipBytes(n);
            return;
        }
        // A slice keeps its whole buffer alive: a peer could pin 256
        // KiB with each byte that it sends to a stream nobody reads.
        boolean copied = n < in.capacity() / 8;
        int paid = PIECE_COST + (copied ? n : Math.max(n, in.capacity() / SLICE_COST));
        stream.buffered += n;
        stream.cost += paid;
        cost += paid;
        stream.events().data(copied ? copy(in, n) : in.readRetainedSlice(n));
        if (cost > limits.maxBuffered()) {
            resetGreediest(YamuxStream::held);
        }
        weigh();
        if (payloadLeft == 0 && payloadEnds && !stream.gone) {
            receiveFin(stream);
        }
    }

    private ByteBuf copy(ByteBuf in, int n) {
        return alloc.directBuffer(n, n).writeBytes(in, n);
    }

    private void receiveHeader(long now) {
        int version = header[0];
        int type = header[1];
        int flags = word(0) & 0xFFFF;
        int id = word(4);
        int length = word(8);
        if (version != 0) {
            throw new YamuxViolation("version " + (version & 0xFF) + " (expected: 0)");
        }
        if ((flags & ~Frame.ALL_FLAGS) != 0) {
            throw new YamuxViolation("flags 0x" + Integer.toHexString(flags) + " (expected: SYN, ACK, FIN, RST)");
        }
        switch (type) {
            case Frame.DATA, Frame.WINDOW_UPDATE -> receiveStreamFrame(type, flags, id, length, now);
            case Frame.PING -> receivePing(flags, id, length);
            case Frame.GO_AWAY -> receiveGoAway(id, length);
            default -> throw new YamuxViolation("frame type " + (type & 0xFF) + " (expected: 0 to 3)");
        }
    }

    private int word(int at) {
        return ((header[at] & 0xFF) << 24)
                | ((header[at + 1] & 0xFF) << 16)
                | ((header[at + 2] & 0xFF) << 8)
                | (header[at + 3] & 0xFF);
    }

    private void receivePing(int flags, int id, int value) {
        if (id != 0) {
            throw new YamuxViolation("ping on stream " + Integer.toUnsignedString(id) + " (expected: 0)");
        }
        if (flags == Frame.SYN) {
            send(Frame.PING, Frame.ACK, 0, value);
        } else if (flags == Frame.ACK) {
            events.pong(value);
        } else {
            throw new YamuxViolation("ping with flags 0x" + Integer.toHexString(flags) + " (expected: SYN or ACK)");
        }
    }

    private void receiveGoAway(int id, int code) {
        if (id != 0) {
            throw new YamuxViolation("go away on stream " + Integer.toUnsignedString(id) + " (expected: 0)");
        }
        peerLeft = true;
        events.goAway(code);
    }

    private void receiveStreamFrame(int type, int flags, int id, int length, long now) {
        if (id == 0) {
            throw new YamuxViolation("stream frame on stream 0 (expected: a stream's number)");
        }
        YamuxStream stream = (flags & Frame.SYN) != 0 ? accept(id, now) : known(id);
        if (type == Frame.DATA) {
            int most = stream == null ? limits.maxStreamWindow() : stream.credit;
            if (length < 0 || length > most) {
                throw new YamuxViolation("data frame of " + Integer.toUnsignedString(length)
                        + " bytes (expected: at most " + most + ")");
            }
            payloadLeft = length;
            payloadOf = stream;
            payloadEnds = false;
        }
        if (stream == null || stream.gone) {
            // The stream was reset by us while the frame was on its way, or was refused: a payload is skipped.
            return;
        }
        if ((flags & Frame.ACK) != 0) {
            acknowledge(stream);
        }
        if (type == Frame.WINDOW_UPDATE) {
            grant(stream, length);
        } else if (length > 0) {
            if (stream.finReceived) {
                throw new YamuxViolation("data behind FIN on stream " + Integer.toUnsignedString(id));
            }
            stream.credit -= length;
        }
        if ((flags & Frame.RST) != 0) {
            remove(stream);
            stream.events().reset();
        } else if ((flags & Frame.FIN) != 0) {
            if (payloadLeft > 0) {
                payloadEnds = true;
            } else {
                receiveFin(stream);
            }
        }
    }

    /** The stream that a frame without SYN may speak of: one that is over, or whose SYN has not gone out yet, does not count. */
    private @Nullable YamuxStream known(int id) {
        YamuxStream stream = streams.get(id);
        return stream == null || stream.gone || stream.waiting ? null : stream;
    }

    private @Nullable YamuxStream accept(int id, long now) {
        boolean peers = (id & 1) != (role.firstId & 1);
        if (!peers) {
            throw new YamuxViolation("SYN on stream " + Integer.toUnsignedString(id) + " (expected: an "
                    + (role == Role.CLIENT ? "even" : "odd") + " number)");
        }
        if (streams.containsKey(id)) {
            throw new YamuxViolation("second SYN on stream " + Integer.toUnsignedString(id));
        }
        if (streams.size() - opened >= limits.maxAccepted()) {
            send(Frame.WINDOW_UPDATE, Frame.RST, id, 0);
            return null;
        }
        YamuxStream stream = new YamuxStream(this, id, false, now);
        stream.acknowledged = true;
        sendSoon(Frame.ACK, id, widen(stream));
        if (closed) {
            // By whoever sent that, and found that the peer does not read. Nobody listens to the stream yet.
            forget(stream);
            return null;
        }
        streams.put(id, stream);
        events.opened(stream);
        return stream;
    }

    private void acknowledge(YamuxStream stream) {
        if (!stream.acknowledged && !stream.waiting) {
            stream.acknowledged = true;
            unacknowledged--;
            openWaiting();
        }
    }

    private void grant(YamuxStream stream, int length) {
        stream.sendWindow += Integer.toUnsignedLong(length);
        if (stream.sendWindow > MAX_WINDOW) {
            throw new YamuxViolation(
                    "window of " + stream.sendWindow + " bytes (expected: at most " + MAX_WINDOW + ")");
        }
        makeReady(stream);
    }

    private void receiveFin(YamuxStream stream) {
        if (stream.finReceived) {
            throw new YamuxViolation("second FIN on stream " + Integer.toUnsignedString(stream.id()));
        }
        stream.finReceived = true;
        if (stream.finSent) {
            retire(stream);
        }
        stream.events().ended();
    }

    /**
     * Resets the stream that holds most, received bytes and those that wait to be sent together.
     *
     * @return false where none holds anything
     */
    public boolean shed() {
        return resetGreediest(it -> it.held() + it.queued);
    }

    private boolean resetGreediest(ToLongFunction<YamuxStream> measure) {
        YamuxStream greediest = null;
        long most = 0;
        for (YamuxStream stream : streams.values()) {
            long holds = measure.applyAsLong(stream);
            if (holds > most) {
                greediest = stream;
                most = holds;
            }
        }
        if (greediest == null) {
            return false;
        }
        StreamEvents listener = greediest.events();
        try {
            reset(greediest);
        } finally {
            // Memory is short: where there is none for the peer's frame, this side must hear of it all the same.
            listener.reset();
        }
        return true;
    }

    /** To be called where more or less is held than before. */
    private void weigh() {
        long held = cost + queued;
        if (Math.abs(held - told) >= HELD_STEP || (held == 0 && told != 0)) {
            told = held;
            events.held(held);
        }
    }

    // ---- to the peer
    // --------------------------------------------------------------------------------------------------------------

    /**
     * Opens a stream. Its SYN goes out at once, or waits its turn behind {@link YamuxLimits#maxUnacknowledged}.
     *
     * @return null where the peer said go away, the session has all the streams it may have, or its ids are used up
     */
    public @Nullable YamuxStream open(long now) {
        if (peerLeft || opened >= limits.maxOpened() || idsUsedUp()) {
            return null;
        }
        YamuxStream stream = new YamuxStream(this, nextId, true, now);
        nextId += 2;
        opened++;
        streams.put(stream.id(), stream);
        stream.waiting = true;
        waiting.add(stream);
        openWaiting();
        return stream;
    }

    /** True once no further stream can be opened because all ids of this side have been used: the session should be replaced. */
    public boolean idsUsedUp() {
        return nextId < 0;
    }

    private void openWaiting() {
        while (unacknowledged < limits.maxUnacknowledged() && !closed) {
            YamuxStream stream = waiting.poll();
            if (stream == null) {
                return;
            }
            stream.waiting = false;
            unacknowledged++;
            send(Frame.WINDOW_UPDATE, Frame.SYN, stream.id(), widen(stream));
            makeReady(stream);
        }
    }

    /**
     * Gives a new stream what its path was found to need, for its first round trips. Three quarters of what windows may grow are not given away so: many a
     * stream carries little, and those that carry much grow by themselves.
     *
     * @return the credit to announce
     */
    private int widen(YamuxStream stream) {
        int more = (int) Math.min(firstWindow - INITIAL_WINDOW, Math.max(0, limits.maxGrowth() / 4 - growth) / 2);
        stream.window += more;
        stream.credit += more;
        growth += more;
        return more;
    }

    void write(YamuxStream stream, ByteBuf data) {
        if (stream.gone || stream.finWanted || !data.isReadable()) {
            data.release();
            return;
        }
        int n = data.readableBytes();
        stream.wrote = true;
        stream.answers |= stream.finReceived;
        stream.queue.add(data);
        stream.queued += n;
        queued += n;
        makeReady(stream);
        weigh();
    }

    boolean writable(YamuxStream stream) {
        if (stream.queue.size() < QUEUE_PIECES && stream.queued < share(STREAM_QUEUE)) {
            return true;
        }
        stream.stalled = true;
        return false;
    }

    boolean takesDatagram(YamuxStream stream) {
        return stream.queued + (long) PIECE_COST * stream.queue.size() < share(DATAGRAM_QUEUE);
    }

    private long share(int most) {
        return Math.max(LEAST_QUEUE, Math.min(most, (SESSION_QUEUE - queued) / 8));
    }

    void finish(YamuxStream stream) {
        if (stream.gone || stream.finWanted) {
            return;
        }
        stream.finWanted = true;
        if (stream.finReceived && stream.wrote && !stream.answers && stream.queue.isEmpty()) {
            // The peer ended behind what this side had to say: it waits for nothing but to forget the stream.
            stream.finSent = true;
            retire(stream);
            sendSoon(Frame.FIN, stream.id(), 0);
        } else {
            makeReady(stream);
        }
    }

    void reset(YamuxStream stream) {
        if (stream.forgotten) {
            return;
        }
        boolean peerKnows = !stream.waiting && !stream.gone && !closed;
        remove(stream);
        if (peerKnows) {
            send(Frame.WINDOW_UPDATE, Frame.RST, stream.id(), 0);
        }
    }

    /**
     * Gives credit back once half the window has been consumed. A window that was used up within two round trips limits the path, so it
     * doubles: that is how a long path gets its share without giving every idle stream megabytes.
     */
    void consumed(YamuxStream stream, int bytes, long now) {
        if (stream.forgotten) {
            return;
        }
        if (bytes < 0 || bytes > stream.buffered) {
            throw new IllegalArgumentException(
                    "consumed: " + bytes + " (expected: 0 to the " + stream.buffered + " bytes that wait)");
        }
        long paid = bytes == stream.buffered ? stream.cost : stream.cost * bytes / stream.buffered;
        stream.buffered -= bytes;
        stream.cost -= paid;
        cost -= paid;
        weigh();
        if (stream.gone) {
            forgetUnlessItHolds(stream);
            return;
        }
        if (stream.finReceived || stream.window - stream.credit - stream.buffered < stream.window / 2) {
            return;
        }
        if (roundTrip != NOT_MEASURED && now - stream.updatedAt < 2 * roundTrip) {
            int more = (int) Math.min(
                    Math.min(stream.window, limits.maxStreamWindow() - stream.window), limits.maxGrowth() - growth);
            stream.window += more;
            growth += more;
            firstWindow = Math.max(firstWindow, Math.min(stream.window, MAX_FIRST_WINDOW));
        }
        stream.updatedAt = now;
        int credit = stream.window - stream.credit - stream.buffered;
        stream.credit += credit;
        send(Frame.WINDOW_UPDATE, 0, stream.id(), credit);
    }

    void holdsBeside(YamuxStream stream, int bytes) {
        if (stream.forgotten) {
            return;
        }
        cost += bytes - stream.beside;
        stream.beside = bytes;
        weigh();
        if (stream.gone) {
            forgetUnlessItHolds(stream);
        }
    }

    /**
     * Sends queued bytes: each stream that has some, and a window, gets a turn of at most {@link YamuxLimits#maxFrame}, round and round.
     * A frame never carries bytes of two writes.
     *
     * @param budget bytes after which to stop; what is left waits for the next call
     * @return the bytes sent, 0 where nothing could be
     */
    public int pump(int budget) {
        int sent = 0;
        while (sent < budget) {
            YamuxStream stream = ready.poll();
            if (stream == null) {
                break;
            }
            stream.ready = false;
            sent += pumpOne(stream);
        }
        return sent;
    }

    private int pumpOne(YamuxStream stream) {
        int sent = 0;
        ByteBuf head = stream.queue.peek();
        // Small writes share a turn, or their stream would get a sliver of what its neighbour gets.
        while (head != null
                && stream.sendWindow > 0
                && (sent == 0 || sent + Frame.HEADER + head.readableBytes() <= limits.maxFrame())) {
            sent += sendData(stream, head);
            if (stream.gone) {
                return sent;
            }
            head = stream.queue.peek();
        }
        if (head == null && stream.finWanted && !stream.finSent) {
            stream.finSent = true;
            send(Frame.WINDOW_UPDATE, Frame.FIN, stream.id(), 0);
            if (stream.finReceived) {
                retire(stream);
            }
            return sent + Frame.HEADER;
        }
        makeReady(stream);
        if (stream.stalled && writable(stream)) {
            stream.stalled = false;
            stream.events().writable();
        }
        return sent;
    }

    private int sendData(YamuxStream stream, ByteBuf head) {
        int n = (int) Math.min(Math.min(head.readableBytes(), limits.maxFrame()), stream.sendWindow);
        ByteBuf payload = take(stream, head, n);
        stream.queued -= n;
        queued -= n;
        stream.sendWindow -= n;
        send(Frame.DATA, 0, stream.id(), n);
        weigh();
        events.send(payload);
        stream.events().sent(n);
        return Frame.HEADER + n;
    }

    /**
     * The next bytes of a queue whose first buffer is {@code head}. The last piece of a buffer is handed on as the buffer itself only where
     * no earlier piece is still alive: TLS writes into the spare room of what it is given, and moves the bytes to get more of it.
     */
    private static ByteBuf take(YamuxStream stream, ByteBuf head, int n) {
        if (n < head.readableBytes()) {
            return head.readRetainedSlice(n);
        }
        stream.queue.remove();
        if (head.refCnt() == 1) {
            return head;
        }
        ByteBuf last = head.readRetainedSlice(n);
        head.release();
        return last;
    }

    private void makeReady(YamuxStream stream) {
        boolean something = stream.queued > 0 ? stream.sendWindow > 0 : stream.finWanted && !stream.finSent;
        if (something && !stream.ready && !stream.waiting && !stream.gone) {
            stream.ready = true;
            ready.add(stream);
        }
    }

    /** Bytes of all streams that wait to be sent. */
    public long queued() {
        return queued;
    }

    /** True where {@link #pump} would send something. */
    public boolean wantsToSend() {
        return !ready.isEmpty();
    }

    /** Asks the peer for a sign of life; it answers with {@link YamuxEvents#pong}. */
    public void ping(int value) {
        send(Frame.PING, Frame.SYN, 0, value);
    }

    /** Tells the peer that this side is leaving, and why. */
    public void goAway(int code) {
        send(Frame.GO_AWAY, 0, 0, code);
    }

    /** The path's round trip as measured by a ping, in nanoseconds; from it windows grow. */
    public void roundTrip(long nanos) {
        roundTrip = nanos;
    }

    /** Streams open now, both sides' together, and those that have ended but whose received bytes are not consumed yet. */
    public int streams() {
        return streams.size();
    }

    /**
     * Ends the session: every stream hears {@link StreamEvents#reset}, every queued byte is dropped, nothing is sent. A stream that both
     * sides had ended hears nothing: what it received is complete.
     */
    public void close() {
        closed = true;
        peerLeft = true;
        for (YamuxStream stream : new ArrayList<>(streams.values())) {
            boolean broken = !stream.gone;
            if (!stream.forgotten) {
                remove(stream);
                if (broken) {
                    stream.events().reset();
                }
            }
        }
        waiting.clear();
        ready.clear();
    }

    /** Both sides have ended: no frame concerns the stream any more, but it is charged for what it received until that is consumed. */
    private void retire(YamuxStream stream) {
        leave(stream);
        forgetUnlessItHolds(stream);
    }

    private void forgetUnlessItHolds(YamuxStream stream) {
        if (stream.buffered == 0 && stream.beside == 0) {
            forget(stream);
        }
    }

    private void remove(YamuxStream stream) {
        if (!stream.gone) {
            leave(stream);
        }
        forget(stream);
    }

    private void leave(YamuxStream stream) {
        stream.gone = true;
        stream.release();
        if (stream.ready) {
            ready.lostOne();
        }
        if (stream.waiting) {
            waiting.lostOne();
        } else if (stream.own() && !stream.acknowledged) {
            unacknowledged--;
            openWaiting();
        }
    }

    private void forget(YamuxStream stream) {
        stream.forgotten = true;
        streams.remove(stream.id());
        cost -= stream.held();
        stream.cost = 0;
        stream.beside = 0;
        stream.buffered = 0;
        growth -= stream.window - INITIAL_WINDOW;
        if (stream.own()) {
            opened--;
        }
        weigh();
    }

    /** Goes on with a later id, as if those before had been used: for tests. */
    void skipIdsTo(int id) {
        nextId = id;
    }

    /** What the limits are held against, in words: for tests. */
    String books() {
        return "opened " + opened + ", unacknowledged " + unacknowledged + ", queued " + queued + ", cost " + cost
                + ", growth " + growth;
    }

    void forgetQueued(int bytes) {
        queued -= bytes;
        weigh();
    }

    private void send(int type, int flags, int streamId, int length) {
        events.send(Frame.header(alloc, type, flags, streamId, length));
    }

    private void sendSoon(int flags, int streamId, int credit) {
        events.sendSoon(Frame.header(alloc, Frame.WINDOW_UPDATE, flags, streamId, credit));
    }
}
