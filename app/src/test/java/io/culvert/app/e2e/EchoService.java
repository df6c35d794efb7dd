package io.culvert.app.e2e;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A target: says back whatever it hears. A thread for each connection; any thread may close it. */
final class EchoService implements AutoCloseable {
    private final ServerSocket listener;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    private EchoService(ServerSocket listener) {
        this.listener = listener;
    }

    static EchoService start() throws IOException {
        EchoService service = new EchoService(new ServerSocket(0, 500, InetAddress.getLoopbackAddress()));
        daemon(service::accept);
        return service;
    }

    int port() {
        return listener.getLocalPort();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                open.add(socket);
                daemon(() -> echo(socket));
            } catch (IOException ignored) {
                // Closed, or the visitor was gone before it was accepted.
            }
        }
    }

    private void echo(Socket socket) {
        try (socket) {
            socket.getInputStream().transferTo(socket.getOutputStream());
        } catch (IOException ignored) {
            // The tunnel was cut: this end is done, too.
        } finally {
            open.remove(socket);
        }
    }

    private static void daemon(Runnable work) {
        Thread thread = new Thread(work, "echo");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
