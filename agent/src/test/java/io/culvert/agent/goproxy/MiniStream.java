package io.culvert.agent.goproxy;

import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/** A stream of {@link MiniMux}, with blocking reads and writes. Any thread; one reader and one writer at a time. */
final class MiniStream {
    private static final int WINDOW = 256 * 1024;

    private final MiniMux mux;
    private final int id;
    /** What came in and was not read yet, and how far into the first piece reads have come. */
    private final Deque<byte[]> there = new ArrayDeque<>(2);

    private int gone;
    private long window = WINDOW;
    private int credit = WINDOW;
    private int taken;
    private boolean ended;
    private boolean reset;
    private boolean finished;

    MiniStream(MiniMux mux, int id) {
        this.mux = mux;
        this.id = id;
    }

    int id() {
        return id;
    }

    // ---- from the reading thread of the connection
    // ----------------------------------------------------------------------------------

    synchronized void received(byte[] payload) throws IOException {
        credit -= payload.length;
        if (credit < 0 || ended) {
            throw new IOException("stream " + id + ": " + payload.length + " bytes beyond window or FIN");
        }
        there.add(payload);
        notifyAll();
    }

    synchronized void grant(int bytes) {
        window += Integer.toUnsignedLong(bytes);
        notifyAll();
    }

    synchronized void endedByPeer() {
        ended = true;
        forgetIfOver();
        notifyAll();
    }

    synchronized void resetByPeer() {
        reset = true;
        forgetIfOver();
        notifyAll();
    }

    private void forgetIfOver() {
        if (reset || (ended && finished)) {
            mux.forget(this);
        }
    }

    // ---- for whoever uses the stream
    // ------------------------------------------------------------------------------------------------

    /** One read call: what is there and fits, at least one byte; -1 at the end. A stock peer relies on what lies in a frame being there. */
    int read(byte[] into) throws IOException {
        int n;
        int update = 0;
        synchronized (this) {
            while (there.isEmpty() && !ended && !reset) {
                waiting();
            }
            if (reset && there.isEmpty()) {
                throw new IOException("stream " + id + " was reset");
            }
            n = take(into);
            if (n == 0) {
                return -1;
            }
            taken += n;
            if (taken >= WINDOW / 2 && !ended && !reset) {
                update = taken;
                credit += taken;
                taken = 0;
            }
        }
        if (update > 0) {
            mux.send(MiniMux.WINDOW, 0, id, update);
        }
        return n;
    }

    private int take(byte[] into) {
        int n = 0;
        for (byte[] first = there.peek(); first != null && n < into.length; first = there.peek()) {
            int piece = Math.min(first.length - gone, into.length - n);
            System.arraycopy(first, gone, into, n, piece);
            n += piece;
            gone += piece;
            if (gone == first.length) {
                there.remove();
                gone = 0;
            }
        }
        return n;
    }

    /** Exactly so many bytes, by as many reads as it takes. */
    byte[] readNBytes(int count) throws IOException {
        byte[] all = new byte[count];
        int sofar = 0;
        while (sofar < count) {
            byte[] piece = new byte[count - sofar];
            int n = read(piece);
            if (n < 0) {
                throw new EOFException("stream " + id + ": ended after " + sofar + " bytes (expected: " + count + ")");
            }
            System.arraycopy(piece, 0, all, sofar, n);
            sofar += n;
        }
        return all;
    }

    /** Writes in frames as large as the window lets them be, as a stock peer does; nothing once {@link #finish} was said. */
    void write(byte[] bytes) throws IOException {
        write(bytes, bytes.length);
    }

    /** The same with the first so many of these bytes. */
    void write(byte[] bytes, int length) throws IOException {
        int at = 0;
        while (at < length) {
            int n;
            synchronized (this) {
                while (window == 0 && !reset && !finished) {
                    waiting();
                }
                if (reset || finished) {
                    throw new IOException("stream " + id + " is over");
                }
                n = (int) Math.min(window, length - at);
                window -= n;
            }
            byte[] frame = new byte[MiniMux.HEADER + n];
            System.arraycopy(MiniMux.header(MiniMux.DATA, 0, id, n), 0, frame, 0, MiniMux.HEADER);
            System.arraycopy(bytes, at, frame, MiniMux.HEADER, n);
            mux.send(frame);
            at += n;
        }
    }

    /** FIN, once. */
    void finish() throws IOException {
        synchronized (this) {
            if (finished || reset) {
                return;
            }
            finished = true;
            forgetIfOver();
            notifyAll();
        }
        mux.send(MiniMux.WINDOW, MiniMux.FIN, id, 0);
    }

    /** RST. */
    void reset() throws IOException {
        resetByPeer();
        mux.send(MiniMux.WINDOW, MiniMux.RST, id, 0);
    }

    @SuppressWarnings("WaitNotInLoop") // each caller is a loop
    private void waiting() throws IOException {
        try {
            wait();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
