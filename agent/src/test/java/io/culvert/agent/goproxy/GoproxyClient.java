package io.culvert.agent.goproxy;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A {@link GoproxyDouble} as a program, for measurements beside other tunnels: TLS 1.2 by the JDK, as stock clients of that age speak it at
 * most, with a bundle as the server hands it out, and ten connections. Runs until it is killed.
 */
public final class GoproxyClient {
    private static final String TLS = "TLSv1.2";

    private GoproxyClient() {}

    /** Dials; the arguments are two files, of the certificates and of their key, and the {@code host:port} of a tunnel's bridge. */
    public static void main(String[] args) throws IOException, InterruptedException {
        int colon = args.length == 3 ? args[2].lastIndexOf(':') : -1;
        if (colon < 0) {
            System.err.println("GoproxyClient " + String.join(" ", args) + ": (expected: CERTIFICATES KEY HOST:PORT)");
            System.exit(2);
        }
        Credential credential = Credential.of(Files.readString(Path.of(args[0])), Files.readString(Path.of(args[1])));
        InetAddress host = InetAddress.getByName(args[2].substring(0, colon));
        int port = Integer.parseInt(args[2].substring(colon + 1));
        GoproxyDouble.startForgetful(
                () -> credential.connect(host, port, TLS), "default", GoproxyDouble.STOCK_SESSIONS);
        // All its threads are daemons.
        Thread.currentThread().join();
    }
}
