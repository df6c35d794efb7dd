package io.culvert.agent.goproxy;

import java.io.IOException;
import java.net.Socket;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Plays a stock {@code proxy server}: a connection to the bridge, and on it a stream for each visitor. Any thread. */
final class GoproxyServerDouble implements AutoCloseable {
    private final ExecutorService threads = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "stock server");
        thread.setDaemon(true);
        return thread;
    });
    private final MiniMux mux;

    private GoproxyServerDouble(Socket socket, byte[] preface) throws IOException {
        this.mux = new MiniMux(socket, preface, threads, stream -> {
            throw new AssertionError("a bridge opens no streams to a server");
        });
    }

    static GoproxyServerDouble connect(Socket socket, String key) throws IOException {
        return new GoproxyServerDouble(socket, Prefaces.server(key));
    }

    MiniMux mux() {
        return mux;
    }

    /** A visitor came: a stream, and its head in one frame. */
    MiniStream visit(String target) throws IOException {
        MiniStream stream = mux.open();
        stream.write(Prefaces.head(target));
        return stream;
    }

    @Override
    public void close() throws IOException {
        mux.close();
        threads.shutdownNow();
    }
}
