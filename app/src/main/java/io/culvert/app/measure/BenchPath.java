package io.culvert.app.measure;

import io.culvert.app.config.Address;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Measures one way to a {@link BenchTarget}, as visitors who do nothing but that. Immutable, any thread; each call works for the time that it is
 * given.
 *
 * @param target where the way begins
 * @param time of each measurement, more than zero
 * @param streams connections at once, for bytes and for new connections; at least 1
 */
public record BenchPath(Address target, Duration time, int streams) {
    /** For one connection or one answer; a tunnel that takes longer is no use to measure. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** Echoes before they count: the first go through code that nobody has run yet. */
    private static final int FIRST_ECHOES = 50;

    private static final int MOST_ECHOES = 100_000;

    /**
     * How long a byte takes there and back.
     *
     * @param half half of all echoes took no longer
     * @param most 99 % of all echoes took no longer
     */
    public record Echo(Duration half, Duration most) {}

    /** One stretch of work; gives how much was done. */
    private interface Work {
        long until(long endNanos) throws IOException;
    }

    /** Bits a second towards the target, as the target counted. */
    public double up() throws IOException {
        long begin = System.nanoTime();
        long bytes = atOnce(end -> {
            try (Socket socket = connect(BenchTarget.UPLOAD)) {
                byte[] piece = new byte[BenchTarget.PIECE];
                OutputStream out = socket.getOutputStream();
                while (System.nanoTime() - end < 0) {
                    out.write(piece);
                }
                socket.shutdownOutput();
                return BenchTarget.total(socket.getInputStream());
            }
        });
        return bytes * 8e9 / (System.nanoTime() - begin);
    }

    /** Bits a second from the target. */
    public double down() throws IOException {
        long begin = System.nanoTime();
        long bytes = atOnce(end -> {
            try (Socket socket = connect(BenchTarget.DOWNLOAD)) {
                byte[] piece = new byte[BenchTarget.PIECE];
                InputStream in = socket.getInputStream();
                long all = 0;
                while (System.nanoTime() - end < 0) {
                    int n = in.read(piece);
                    if (n < 0) {
                        throw new SocketException("the target ended the connection after " + all + " bytes");
                    }
                    all += n;
                }
                return all;
            }
        });
        return bytes * 8e9 / (System.nanoTime() - begin);
    }

    /** One byte after the other, there and back, on one connection. */
    public Echo echo() throws IOException {
        long[] nanos = new long[MOST_ECHOES];
        int count = 0;
        try (Socket socket = connect(BenchTarget.ECHO)) {
            InputStream in = socket.getInputStream();
            OutputStream out = socket.getOutputStream();
            long end = System.nanoTime() + time.toNanos();
            for (int i = -FIRST_ECHOES; count < MOST_ECHOES && (count == 0 || System.nanoTime() - end < 0); i++) {
                long begin = System.nanoTime();
                out.write('.');
                if (in.read() < 0) {
                    throw new SocketException("the target ended the connection");
                }
                if (i >= 0) {
                    nanos[count++] = System.nanoTime() - begin;
                }
            }
        }
        Arrays.sort(nanos, 0, count);
        return new Echo(Duration.ofNanos(nanos[count / 2]), Duration.ofNanos(nanos[count * 99 / 100]));
    }

    /** New connections a second, each of which carries one byte there and back before it ends. */
    public double connections() throws IOException {
        long begin = System.nanoTime();
        long all = atOnce(end -> {
            long made = 0;
            while (System.nanoTime() - end < 0) {
                try (Socket socket = connect(BenchTarget.ECHO)) {
                    socket.getOutputStream().write('.');
                    if (socket.getInputStream().read() < 0) {
                        throw new SocketException("the target ended the connection");
                    }
                    made++;
                }
            }
            return made;
        });
        return all * 1e9 / (System.nanoTime() - begin);
    }

    private Socket connect(int what) throws IOException {
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(target.host(), target.port()), Math.toIntExact(PATIENCE.toMillis()));
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(Math.toIntExact(PATIENCE.toMillis()));
            socket.getOutputStream().write(what);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private long atOnce(Work work) throws IOException {
        long end = System.nanoTime() + time.toNanos();
        ExecutorService visitors = Executors.newFixedThreadPool(streams);
        try {
            List<Future<Long>> all = new ArrayList<>();
            for (int i = 0; i < streams; i++) {
                all.add(visitors.submit(() -> work.until(end)));
            }
            long sum = 0;
            for (Future<Long> each : all) {
                sum += each.get();
            }
            return sum;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failed) {
                throw told(failed);
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while measuring");
        } finally {
            visitors.shutdownNow();
        }
    }

    private IOException told(IOException e) {
        return e instanceof SocketTimeoutException
                ? new IOException("no answer within " + PATIENCE.toSeconds() + " s by way of " + target, e)
                : e;
    }
}
