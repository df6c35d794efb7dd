package io.culvert.agent.goproxy;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The least yamux that a stock goproxy gets by with, on a blocking socket: one thread reads, whoever writes waits for the window. It
 * shares no code with the session under test, and keeps the frames that it heard, where it was not told to forget them. Any thread.
 */
final class MiniMux implements AutoCloseable {
    static final int HEADER = 12;
    static final int DATA = 0;
    static final int WINDOW = 1;
    static final int PING = 2;
    static final int GO_AWAY = 3;
    static final int SYN = 1;
    static final int ACK = 2;
    static final int FIN = 4;
    static final int RST = 8;

    private static final int LONGEST_KEPT = 4096;
    // As stock peers read ahead.
    private static final int READ_AHEAD = 4096;

    /** A frame that came in; payloads are kept up to 4,096 bytes. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Frame(int type, int flags, int stream, int length, byte[] payload) {}

    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;
    private final Consumer<MiniStream> opened;
    private final ExecutorService threads;
    private final boolean forgetful;
    private final Map<Integer, MiniStream> streams = new ConcurrentHashMap<>();
    private final List<Frame> heard = new ArrayList<>();
    private final CompletableFuture<String> over = new CompletableFuture<>();
    private final CountDownLatch thaw = new CountDownLatch(1);
    private volatile boolean frozen;
    private int nextId = 1;

    /**
     * Speaks first: the preface and a ping leave in one write, and so in one segment, as a stock client's do.
     *
     * @param opened what to do with streams of the other side, on a thread of their own
     */
    MiniMux(Socket socket, byte[] preface, ExecutorService threads, Consumer<MiniStream> opened) throws IOException {
        this(socket, preface, threads, opened, false);
    }

    /** The same; {@code forgetful} for hours of use, in which the frames that it heard would fill the memory. */
    MiniMux(Socket socket, byte[] preface, ExecutorService threads, Consumer<MiniStream> opened, boolean forgetful)
            throws IOException {
        this.socket = socket;
        this.forgetful = forgetful;
        this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), READ_AHEAD));
        this.out = socket.getOutputStream();
        this.threads = threads;
        this.opened = opened;
        out.write(ByteBuffer.allocate(preface.length + HEADER)
                .put(preface)
                .put(header(PING, SYN, 0, 7))
                .array());
        threads.execute(this::read);
    }

    static byte[] header(int type, int flags, int stream, int length) {
        return ByteBuffer.allocate(HEADER)
                .put((byte) 0)
                .put((byte) type)
                .putShort((short) flags)
                .putInt(stream)
                .putInt(length)
                .array();
    }

    void send(int type, int flags, int stream, int length) throws IOException {
        send(header(type, flags, stream, length));
    }

    /** Bytes as they are, frames or not. */
    void send(byte[] bytes) throws IOException {
        synchronized (out) {
            out.write(bytes);
        }
    }

    /** Opens a stream, in the stock manner: odd ids, an empty window update with SYN. */
    MiniStream open() throws IOException {
        MiniStream stream;
        synchronized (streams) {
            stream = new MiniStream(this, nextId);
            nextId += 2;
            streams.put(stream.id(), stream);
        }
        send(WINDOW, SYN, stream.id(), 0);
        return stream;
    }

    /** What came in until now. */
    List<Frame> heard() {
        synchronized (heard) {
            return List.copyOf(heard);
        }
    }

    /** Completes with the reason once the connection is gone. */
    CompletableFuture<String> over() {
        return over;
    }

    /** Reads nothing and answers nothing from now on, but leaves the connection up: a machine that was put to sleep. */
    void freeze() {
        frozen = true;
    }

    /** Ends the connection by RST. */
    void kill() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        thaw.countDown();
        socket.close();
    }

    void forget(MiniStream stream) {
        streams.remove(stream.id(), stream);
    }

    private void read() {
        String why = "end of stream";
        try {
            while (true) {
                readFrame();
            }
        } catch (IOException e) {
            why = e.toString();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            streams.values().forEach(MiniStream::resetByPeer);
            over.complete(why);
        }
    }

    private void readFrame() throws IOException, InterruptedException {
        byte[] bytes = new byte[HEADER];
        in.readFully(bytes);
        if (frozen) {
            thaw.await();
        }
        ByteBuffer header = ByteBuffer.wrap(bytes);
        if (header.get() != 0) {
            throw new IOException("version " + bytes[0] + " (expected: 0)");
        }
        int type = header.get();
        int flags = header.getShort();
        int id = header.getInt();
        int length = header.getInt();
        byte[] payload = new byte[type == DATA ? length : 0];
        in.readFully(payload);
        if (!forgetful) {
            synchronized (heard) {
                heard.add(new Frame(type, flags, id, length, payload.length <= LONGEST_KEPT ? payload : new byte[0]));
            }
        }
        switch (type) {
            case DATA, WINDOW -> streamFrame(type, flags, id, length, payload);
            case PING -> {
                if ((flags & SYN) != 0) {
                    send(PING, ACK, 0, length);
                }
            }
            case GO_AWAY -> {}
            default -> throw new IOException("frame type " + type + " (expected: 0 to 3)");
        }
    }

    private void streamFrame(int type, int flags, int id, int length, byte[] payload) throws IOException {
        MiniStream stream = streams.get(id);
        if ((flags & SYN) != 0) {
            if ((id & 1) == 0 || stream != null) {
                throw new IOException("SYN on stream " + id + " (expected: a new odd number)");
            }
            MiniStream accepted = new MiniStream(this, id);
            stream = accepted;
            streams.put(id, accepted);
            send(WINDOW, ACK, id, 0);
            threads.execute(() -> opened.accept(accepted));
        }
        deliver(stream, type, flags, length, payload);
    }

    private static void deliver(@Nullable MiniStream stream, int type, int flags, int length, byte[] payload)
            throws IOException {
        if (stream == null) {
            return;
        }
        if (type == WINDOW) {
            stream.grant(length);
        } else if (length > 0) {
            stream.received(payload);
        }
        if ((flags & RST) != 0) {
            stream.resetByPeer();
        } else if ((flags & FIN) != 0) {
            stream.endedByPeer();
        }
    }
}
