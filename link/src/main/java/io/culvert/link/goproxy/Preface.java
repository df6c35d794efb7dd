package io.culvert.link.goproxy;

import io.culvert.link.bytes.Fields;
import io.culvert.link.bytes.MalformedException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * The first packet on a connection to a bridge port, before yamux; nothing is answered, and the next byte, which may sit in the same
 * segment, is yamux.
 *
 * <pre>
 * client   05 | string KEY-INDEX
 * server   04 | string KEY | string SERVER_ID
 * string   u64 length, little endian | bytes
 * </pre>
 *
 * A KEY has no {@code -}: goproxy takes KEY-INDEX apart at the only one, so a key with a dash could never be paired. Immutable, any
 * thread.
 */
public sealed interface Preface {
    /** Greatest length of a key in bytes. */
    int MAX_KEY = 256;
    /** Greatest number of a client's session; stock clients count from 1 to 10. */
    int MAX_INDEX = 999_999;
    /** Greatest length of a server's id in bytes; stock ones are 40 hex digits. */
    int MAX_SERVER_ID = 64;
    /** Greatest length of a preface: whoever collects more bytes than this without a result has a fault of its own. */
    int MAX_BYTES = 1 + Long.BYTES + MAX_KEY + Long.BYTES + MAX_SERVER_ID;

    /** The key that pairs servers with clients, 1 to {@value #MAX_KEY} bytes, without {@code -}. */
    String key();

    /** Writes the preface into a new buffer, which is the caller's to release. */
    ByteBuf encode(ByteBufAllocator allocator);

    /**
     * {@code proxy client}: dials inside; plays yamux server.
     *
     * @param index which of the client's connections this is, 0 to {@value #MAX_INDEX}; the same again replaces the earlier one
     */
    record Client(String key, int index) implements Preface {
        private static final int TYPE = 5;
        /** KEY-INDEX as a whole stays within {@link #MAX_KEY} bytes, so a key of a client is shorter by its index. */
        private static final int MIN_KEY_INDEX = 3;

        public Client {
            if (index < 0 || index > MAX_INDEX) {
                throw new IllegalArgumentException("index: " + index + " (expected: 0 to " + MAX_INDEX + ")");
            }
            requireKey(key);
            Fields.requireText(key + "-" + index, "key and index", MIN_KEY_INDEX, MAX_KEY);
        }

        @Override
        public ByteBuf encode(ByteBufAllocator allocator) {
            ByteBuf out = allocator.buffer(64, MAX_BYTES).writeByte(TYPE);
            Strings.write(out, key + "-" + index);
            return out;
        }
    }

    /**
     * {@code proxy server}: listens for visitors; plays yamux client.
     *
     * @param serverId of this process, 1 to {@value #MAX_SERVER_ID} bytes
     */
    record Server(String key, String serverId) implements Preface {
        private static final int TYPE = 4;

        public Server {
            requireKey(key);
            Fields.requireText(serverId, "server id", 1, MAX_SERVER_ID);
        }

        @Override
        public ByteBuf encode(ByteBufAllocator allocator) {
            ByteBuf out = allocator.buffer(128, MAX_BYTES).writeByte(TYPE);
            Strings.write(out, key);
            Strings.write(out, serverId);
            return out;
        }
    }

    /**
     * Reads one preface, and not a byte more: what follows it is left in the buffer.
     *
     * @return null where the preface is not all there yet; nothing is consumed then
     * @throws MalformedException where the bytes are no preface; the buffer is of no more use then
     */
    static @Nullable Preface decode(ByteBuf in) {
        LookAhead ahead = new LookAhead(in);
        int type = ahead.u8();
        Preface preface = switch (type) {
            case -1 -> null;
            case Client.TYPE -> client(ahead);
            case Server.TYPE -> server(ahead);
            default -> throw new MalformedException("goproxy packet type: " + type + " (expected: 4 or 5)");
        };
        if (preface != null) {
            ahead.consume();
        }
        return preface;
    }

    private static @Nullable Client client(LookAhead ahead) {
        String both = ahead.string("key and index", Client.MIN_KEY_INDEX, MAX_KEY);
        if (both == null) {
            return null;
        }
        int dash = both.indexOf('-');
        if (dash < 1 || dash != both.lastIndexOf('-')) {
            throw new MalformedException(
                    "goproxy key and index: " + dashes(both) + " dashes or no key (expected: KEY-INDEX)");
        }
        return new Client(both.substring(0, dash), index(both.substring(dash + 1)));
    }

    private static @Nullable Server server(LookAhead ahead) {
        String key = ahead.string("key", 1, MAX_KEY);
        if (key == null) {
            return null;
        }
        if (key.indexOf('-') >= 0) {
            throw new MalformedException("goproxy key: " + dashes(key) + " dashes (expected: none)");
        }
        String serverId = ahead.string("server id", 1, MAX_SERVER_ID);
        return serverId == null ? null : new Server(key, serverId);
    }

    private static int index(String text) {
        // Nothing that would be written differently: 01 and 1 would else be one index under two names.
        if (text.isEmpty() || text.length() > 6 || (text.length() > 1 && text.charAt(0) == '0')) {
            throw new MalformedException(
                    "goproxy index: " + text.length() + " characters (expected: 0 to " + MAX_INDEX + ")");
        }
        int index = 0;
        for (int i = 0; i < text.length(); i++) {
            char digit = text.charAt(i);
            if (digit < '0' || digit > '9') {
                throw new MalformedException("goproxy index: not a number (expected: 0 to " + MAX_INDEX + ")");
            }
            index = index * 10 + (digit - '0');
        }
        return index;
    }

    private static long dashes(String text) {
        return text.chars().filter(each -> each == '-').count();
    }

    private static void requireKey(String key) {
        Fields.requireText(key, "key", 1, MAX_KEY);
        if (key.indexOf('-') >= 0) {
            throw new IllegalArgumentException("key: '" + key + "' (expected: no dash)");
        }
    }
}
