package io.culvert.bench;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;

/**
 * The TCP ports of this machine that are listened on, as the kernel tells it in {@code /proc/net/tcp} and {@code tcp6}: asking costs the
 * listening process nothing and leaves no connection behind. Linux only. One thread.
 *
 * <p>The kernel writes its table in pieces and not at one moment: a socket may be left out because another one was closed meanwhile. So a
 * port that is told was listened on at some time during the call, and one that is missing may be there again in the next call.
 */
final class ListeningPorts {
    private static final List<Path> TABLES = List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"));
    private static final int LISTEN = 0x0A;

    private final byte[] buffer = new byte[64 * 1024];
    private final BitSet ports = new BitSet(65536);

    /** Asks the kernel. The set is this object's, and is changed by the next call. */
    BitSet read() throws IOException {
        ports.clear();
        for (Path table : TABLES) {
            if (Files.exists(table)) {
                read(table);
            }
        }
        return ports;
    }

    private void read(Path table) throws IOException {
        try (FileInputStream in = new FileInputStream(table.toFile())) {
            int kept = 0;
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer, kept, buffer.length - kept)) {
                int end = kept + n;
                int begin = 0;
                for (int at = kept; at < end; at++) {
                    if (buffer[at] == '\n') {
                        if (!take(begin, at)) {
                            return;
                        }
                        begin = at + 1;
                    }
                }
                kept = end - begin;
                System.arraycopy(buffer, begin, buffer, 0, kept);
            }
        }
    }

    /**
     * Reads a line as {@code "  0: 0100007F:1F90 00000000:0000 0A ..."}: number, local address and port, remote address and port, state.
     *
     * @return false where listening sockets, which come first, are over
     */
    private boolean take(int begin, int end) {
        int number = colon(begin, end);
        if (number < 0) {
            return true; // the head of the table
        }
        int local = colon(number + 1, end);
        int remote = colon(local + 1, end);
        if (hex(remote + 6, 2) != LISTEN) {
            return false;
        }
        ports.set(hex(local + 1, 4));
        return true;
    }

    private int colon(int from, int end) {
        for (int at = from; at < end; at++) {
            if (buffer[at] == ':') {
                return at;
            }
        }
        return -1;
    }

    private int hex(int at, int digits) {
        int value = 0;
        for (int i = 0; i < digits; i++) {
            value = value * 16 + Character.digit(buffer[at + i], 16);
        }
        return value;
    }
}
