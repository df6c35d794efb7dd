package io.culvert.agent.goproxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Plays a stock {@code proxy client} of goproxy 6.4, faults and all: ten connections, each dialled again 3 s after it is lost; a head
 * that is read with one read call for each field; the whole stream closed once one direction ends; one datagram for each read, cut at
 * 2,048 bytes. Blocking sockets and a thread for everything. Any thread.
 */
final class GoproxyDouble implements AutoCloseable {
    static final Duration STOCK_REDIAL = Duration.ofSeconds(3);
    static final int STOCK_SESSIONS = 10;

    private static final int DIAL_MILLIS = 2_000;
    private static final int LONGEST_BODY = 2_048;
    private static final int PIECE = 32 * 1024;

    /** How the bridge is reached. */
    interface Dial {
        Socket connect() throws IOException;
    }

    private final Dial dial;
    private final String key;
    private final boolean compress;
    private final Duration redial;
    private final boolean forgetful;
    private final ExecutorService threads = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "stock client");
        thread.setDaemon(true);
        return thread;
    });
    private final List<MiniMux> live = new CopyOnWriteArrayList<>();
    private final AtomicInteger dials = new AtomicInteger();
    private final AtomicInteger lostDatagrams = new AtomicInteger();
    private final AtomicInteger badHeads = new AtomicInteger();
    private final CountDownLatch closing = new CountDownLatch(1);

    private GoproxyDouble(Dial dial, String key, boolean compress, Duration redial, boolean forgetful) {
        this.dial = dial;
        this.key = key;
        this.compress = compress;
        this.redial = redial;
        this.forgetful = forgetful;
    }

    /** Starts {@code -n} connections; {@code compress} as by {@code -c}. */
    static GoproxyDouble start(Dial dial, String key, int sessions, boolean compress, Duration redial) {
        return new GoproxyDouble(dial, key, compress, redial, false).started(sessions);
    }

    static GoproxyDouble start(Dial dial, String key, int sessions) {
        return start(dial, key, sessions, false, STOCK_REDIAL);
    }

    /** One that does not keep what it heard, for hours of use. */
    static GoproxyDouble startForgetful(Dial dial, String key, int sessions) {
        return new GoproxyDouble(dial, key, false, STOCK_REDIAL, true).started(sessions);
    }

    private GoproxyDouble started(int sessions) {
        for (int i = 1; i <= sessions; i++) {
            int index = i;
            threads.execute(() -> keep(index));
        }
        return this;
    }

    /** Connections that are up, as far as this side knows. */
    List<MiniMux> live() {
        return live;
    }

    /** Times that the bridge was dialled. */
    int dials() {
        return dials.get();
    }

    /** Datagrams that this peer lost because they did not come one to a read. */
    int lostDatagrams() {
        return lostDatagrams.get();
    }

    /** Streams given up because a field of their head did not come in one read. */
    int badHeads() {
        return badHeads.get();
    }

    @Override
    public void close() throws IOException {
        closing.countDown();
        for (MiniMux mux : live) {
            mux.close();
        }
        threads.shutdownNow();
    }

    private void keep(int index) {
        try {
            do {
                dials.incrementAndGet();
                try (MiniMux mux = new MiniMux(
                        dial.connect(), Prefaces.client(key + "-" + index), threads, this::serve, forgetful)) {
                    live.add(mux);
                    mux.over().join();
                    live.remove(mux);
                } catch (IOException e) {
                    // Not reached, or refused: again after a while, for ever.
                }
            } while (!closing.await(redial.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve(MiniStream stream) {
        try {
            String target;
            try {
                field(stream);
                target = field(stream);
                field(stream);
            } catch (IOException e) {
                badHeads.incrementAndGet();
                stream.finish();
                return;
            }
            int colon = target.lastIndexOf(':');
            InetSocketAddress address =
                    new InetSocketAddress(target.substring(4, colon), Integer.parseInt(target.substring(colon + 1)));
            if (target.startsWith("udp:")) {
                carryDatagrams(stream, address);
            } else {
                carry(stream, address);
            }
        } catch (IOException e) {
            // The stream or the session is over.
        }
    }

    /** The length and the text, each by one read call. */
    private static String field(MiniStream stream) throws IOException {
        byte[] length = new byte[8];
        if (stream.read(length) != length.length) {
            throw new IOException("a length came in pieces");
        }
        byte[] text = new byte
                [(int) ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong()];
        if (stream.read(text) != text.length) {
            throw new IOException("a text came in pieces");
        }
        return new String(text, UTF_8);
    }

    private void carry(MiniStream stream, InetSocketAddress address) throws IOException {
        Socket inner = new Socket();
        try (inner) {
            inner.setTcpNoDelay(true);
            inner.connect(address, DIAL_MILLIS);
            threads.execute(() -> toTarget(stream, inner));
            if (compress) {
                packFromTarget(inner, stream);
                return;
            }
            InputStream in = inner.getInputStream();
            byte[] buffer = new byte[PIECE];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                stream.write(buffer, n);
            }
        } finally {
            stream.finish();
        }
    }

    private static void packFromTarget(Socket inner, MiniStream stream) throws IOException {
        InputStream in = inner.getInputStream();
        byte[] buffer = new byte[PIECE];
        try (Snappy packer = Snappy.packer()) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                stream.write(packer.pack(Arrays.copyOf(buffer, n)));
            }
        }
    }

    private void toTarget(MiniStream stream, Socket inner) {
        try (inner) {
            if (compress) {
                unpackToTarget(stream, inner);
                return;
            }
            OutputStream out = inner.getOutputStream();
            byte[] buffer = new byte[PIECE];
            for (int n = stream.read(buffer); n >= 0; n = stream.read(buffer)) {
                out.write(buffer, 0, n);
            }
        } catch (IOException e) {
            // One side is gone; the other one is closed with it.
        } finally {
            try {
                stream.finish();
            } catch (IOException e) {
                // The session is over.
            }
        }
    }

    private static void unpackToTarget(MiniStream stream, Socket inner) throws IOException {
        OutputStream out = inner.getOutputStream();
        byte[] buffer = new byte[PIECE];
        try (Snappy unpacker = Snappy.unpacker()) {
            for (int n = stream.read(buffer); n >= 0; n = stream.read(buffer)) {
                out.write(unpacker.unpack(Arrays.copyOf(buffer, n)));
            }
        }
    }

    private void carryDatagrams(MiniStream stream, InetSocketAddress address) throws IOException {
        DatagramSocket inner = new DatagramSocket();
        try (inner) {
            boolean first = true;
            byte[] buffer = new byte[8 * 1024];
            for (int n = stream.read(buffer); n >= 0; n = stream.read(buffer)) {
                ByteBuffer packet = ByteBuffer.wrap(buffer, 0, n).order(ByteOrder.LITTLE_ENDIAN);
                byte[] visitor = new byte[packet.getShort()];
                packet.get(visitor);
                int length = packet.getShort() & 0xFFFF;
                if (length != packet.remaining()) {
                    lostDatagrams.incrementAndGet();
                }
                length = Math.min(Math.min(length, packet.remaining()), LONGEST_BODY);
                inner.send(new DatagramPacket(buffer, packet.position(), length, address));
                if (first) {
                    first = false;
                    threads.execute(() -> answer(stream, inner, new String(visitor, UTF_8)));
                }
            }
        } finally {
            stream.finish();
        }
    }

    private static void answer(MiniStream stream, DatagramSocket inner, String visitor) {
        byte[] buffer = new byte[LONGEST_BODY];
        try {
            while (true) {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                inner.receive(packet);
                stream.write(Prefaces.datagram(visitor, buffer, packet.getLength()));
            }
        } catch (IOException e) {
            // The flow is over.
        }
    }
}
