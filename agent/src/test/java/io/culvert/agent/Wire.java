package io.culvert.agent;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A path between an agent and the bridge port that can go dead without a word, come back, or be slow: a TCP proxy on real sockets. Any
 * thread.
 */
final class Wire implements Closeable {
    private static final int BUFFER = 4096;

    private final ServerSocket in;
    private final List<Line> lines = new CopyOnWriteArrayList<>();
    private final int bytesPerSecond;
    private volatile int to;
    private volatile boolean frozen;

    /** A path to a port on loopback, as fast as it goes. */
    Wire(int to) throws IOException {
        this(to, Integer.MAX_VALUE);
    }

    /** A path that lets so many bytes pass in each direction of each connection, and holds few. */
    Wire(int to, int bytesPerSecond) throws IOException {
        this.to = to;
        this.bytesPerSecond = bytesPerSecond;
        in = new ServerSocket();
        in.setReceiveBufferSize(BUFFER);
        in.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        thread(this::accept);
    }

    int port() {
        return in.getLocalPort();
    }

    /** The connections so far, in the order in which they came. */
    List<Line> lines() {
        return lines;
    }

    /** New connections end at another port from now on. */
    void leadTo(int port) {
        to = port;
    }

    /** From now on no byte passes, and no end and no reset either; new connections are taken and stay dead. */
    void freeze() {
        frozen = true;
        lines.forEach(line -> line.freeze(true));
    }

    void thaw() {
        frozen = false;
        lines.forEach(line -> line.freeze(false));
    }

    private void accept() {
        while (!in.isClosed()) {
            try {
                Line line = new Line(in.accept());
                lines.add(line);
                line.freeze(frozen);
                line.start();
            } catch (IOException e) {
                // Closed, or the bridge is not there at the moment.
            }
        }
    }

    private static void thread(Runnable work) {
        Thread thread = new Thread(work, "wire");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        in.close();
        lines.forEach(Line::cut);
    }

    /** One connection. */
    final class Line {
        private final Socket near;
        private final Socket far;
        private final ReentrantLock lock = new ReentrantLock();
        private final Condition turn = lock.newCondition();
        private boolean dead;

        private Line(Socket near) throws IOException {
            this.near = near;
            this.far = new Socket();
            far.setReceiveBufferSize(BUFFER);
            try {
                far.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), to));
            } catch (IOException e) {
                near.close();
                throw e;
            }
        }

        private void start() {
            thread(() -> pump(near, far));
            thread(() -> pump(far, near));
        }

        void freeze(boolean on) {
            lock.lock();
            try {
                dead = on;
                turn.signalAll();
            } finally {
                lock.unlock();
            }
        }

        /** Breaks the connection off, which both ends hear. */
        void cut() {
            try {
                near.close();
                far.close();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }

        private void pump(Socket from, Socket into) {
            byte[] bytes = new byte[BUFFER];
            try {
                InputStream source = from.getInputStream();
                OutputStream sink = into.getOutputStream();
                for (int n = source.read(bytes); n >= 0; n = source.read(bytes)) {
                    awaitLife();
                    pause(n);
                    sink.write(bytes, 0, n);
                }
                awaitLife();
                into.shutdownOutput();
            } catch (IOException e) {
                awaitLife();
                cut();
            }
        }

        private void awaitLife() {
            lock.lock();
            try {
                while (dead) {
                    turn.awaitUninterruptibly();
                }
            } finally {
                lock.unlock();
            }
        }

        private void pause(int bytes) {
            if (bytesPerSecond == Integer.MAX_VALUE) {
                return;
            }
            lock.lock();
            try {
                long left = TimeUnit.SECONDS.toNanos(1) * bytes / bytesPerSecond;
                while (left > 0) {
                    left = turn.awaitNanos(left);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                lock.unlock();
            }
        }
    }
}
