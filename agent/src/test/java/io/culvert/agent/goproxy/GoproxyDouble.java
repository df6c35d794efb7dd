package io.culvert.agent.goproxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
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

    /** How the bridge is reached. */
    interface Dial {
        Socket connect() throws IOException;
    }

    private final Dial dial;
    private final String key;
    private final boolean compress;
    private final Duration redial;
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

    private GoproxyDouble(Dial dial, String key, boolean compress, Duration redial) {
        this.dial = dial;
        this.key = key;
        this.compress = compress;
        this.redial = redial;
    }

    /** Starts {@code -n} connections; {@code compress} as by {@code -c}. */
    static GoproxyDouble start(Dial dial, String key, int sessions, boolean compress, Duration redial) {
        GoproxyDouble client = new GoproxyDouble(dial, key, compress, redial);
        for (int i = 1; i <= sessions; i++) {
            int index = i;
            client.threads.execute(() -> client.keep(index));
        }
        return client;
    }

    static GoproxyDouble start(Dial dial, String key, int sessions) {
        return start(dial, key, sessions, false, STOCK_REDIAL);
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
                try (MiniMux mux =
                        new MiniMux(dial.connect(), Prefaces.client(key + "-" + index), threads, this::serve)) {
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
            inner.connect(address, DIAL_MILLIS);
            threads.execute(() -> toTarget(stream, inner));
            byte[] buffer = new byte[32 * 1024];
            try (Snappy packer = Snappy.packer()) {
                for (int n = inner.getInputStream().read(buffer);
                        n >= 0;
                        n = inner.getInputStream().read(buffer)) {
                    byte[] plain = Arrays.copyOf(buffer, n);
                    stream.write(compress ? packer.pack(plain) : plain);
                }
            }
        } finally {
            stream.finish();
        }
    }

    private void toTarget(MiniStream stream, Socket inner) {
        byte[] buffer = new byte[32 * 1024];
        try (inner;
                Snappy unpacker = Snappy.unpacker()) {
            for (int n = stream.read(buffer); n >= 0; n = stream.read(buffer)) {
                byte[] bytes = Arrays.copyOf(buffer, n);
                inner.getOutputStream().write(compress ? unpacker.unpack(bytes) : bytes);
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
