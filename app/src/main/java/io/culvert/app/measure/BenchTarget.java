package io.culvert.app.measure;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * The service that is measured: it sits where a tunnel leads to, and does what the first byte of a connection says.
 *
 * <pre>
 *   U  reads until the end, then answers how many bytes came: 8 bytes, big-endian
 *   D  sends until the other side goes
 *   E  sends each byte back
 * </pre>
 *
 * At most {@value #MOST_CONNECTIONS} connections at once, further ones wait; a thread each. Any thread.
 */
public final class BenchTarget implements AutoCloseable {
    static final int UPLOAD = 'U';
    static final int DOWNLOAD = 'D';
    static final int ECHO = 'E';
    static final int PIECE = 128 * 1024;

    private static final int MOST_CONNECTIONS = 256;

    private final ServerSocket listener;
    private final Semaphore room = new Semaphore(MOST_CONNECTIONS);
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final Thread acceptor;

    private BenchTarget(ServerSocket listener) {
        this.listener = listener;
        this.acceptor = new Thread(this::accept, "bench-target");
        acceptor.setDaemon(true);
    }

    /**
     * Listens and serves.
     *
     * @param address port 0 for a free one
     * @throws IOException where the address cannot be bound
     */
    @SuppressWarnings("AddressSelection") // a listener's address is one that this machine has
    public static BenchTarget start(InetSocketAddress address) throws IOException {
        ServerSocket listener = new ServerSocket();
        try {
            listener.bind(address, 512);
        } catch (IOException e) {
            listener.close();
            throw e;
        }
        BenchTarget target = new BenchTarget(listener);
        target.acceptor.start();
        return target;
    }

    /** Where it listens, with the real port. */
    public InetSocketAddress address() {
        return new InetSocketAddress(listener.getInetAddress(), listener.getLocalPort());
    }

    private void accept() {
        try {
            while (true) {
                room.acquireUninterruptibly();
                Socket socket = listener.accept();
                open.add(socket);
                Thread server = new Thread(() -> serve(socket), "bench-target-" + socket.getPort());
                server.setDaemon(true);
                server.start();
            }
        } catch (IOException e) {
            // Closed: nothing is served any more.
            room.release();
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            InputStream in = socket.getInputStream();
            switch (in.read()) {
                case UPLOAD -> upload(in, socket.getOutputStream());
                case DOWNLOAD -> download(socket.getOutputStream());
                case ECHO -> in.transferTo(socket.getOutputStream());
                default -> {
                    // Somebody else's protocol, or nothing: the connection ends.
                }
            }
        } catch (IOException e) {
            // Visitors leave as they like.
        } finally {
            open.remove(socket);
            room.release();
        }
    }

    private static void upload(InputStream in, OutputStream out) throws IOException {
        byte[] piece = new byte[PIECE];
        long all = 0;
        for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
            all += n;
        }
        new DataOutputStream(out).writeLong(all);
    }

    private static void download(OutputStream out) throws IOException {
        byte[] piece = new byte[PIECE];
        while (true) {
            out.write(piece);
        }
    }

    /** What an upload's receiver counted. */
    static long total(InputStream in) throws IOException {
        try {
            return new DataInputStream(in).readLong();
        } catch (EOFException e) {
            throw new SocketException("the target did not say how many bytes came (is it 'culvert bench --serve'?)");
        }
    }

    /** Ends every connection. */
    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
