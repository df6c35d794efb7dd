package io.culvert.link.goproxy;

import io.culvert.link.bytes.Fields;
import io.culvert.link.bytes.MalformedException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * What the side that opens a goproxy stream says first. The bytes behind it are the visitor's.
 *
 * <pre>
 * string STREAM_ID | string TARGET = tcp:HOST:PORT or udp:HOST:PORT | string SERVER_ID
 * string   u64 length, little endian | bytes
 * </pre>
 *
 * A stock client reads each field with one read call and gives up on a short one, so the buffer of {@link #encode} must leave in
 * <em>one</em> data frame. Immutable, any thread.
 *
 * @param streamId 1 to {@value #MAX_STREAM_ID} bytes; stock ones are 40 hex digits
 * @param transport by which the client reaches the address
 * @param address {@code HOST:PORT} that the client dials, 1 to {@value #MAX_ADDRESS} bytes
 * @param serverId 1 to {@value #MAX_SERVER_ID} bytes; stock ones are 40 hex digits
 */
public record GoproxyHead(String streamId, Transport transport, String address, String serverId) {
    /** Greatest length of {@link #streamId} in bytes. */
    public static final int MAX_STREAM_ID = 64;
    /** Greatest length of {@link #address} in bytes. */
    public static final int MAX_ADDRESS = 260;
    /** Greatest length of {@link #serverId} in bytes. */
    public static final int MAX_SERVER_ID = Preface.MAX_SERVER_ID;
    /** Greatest length of a head. */
    public static final int MAX_BYTES =
            3 * Long.BYTES + MAX_STREAM_ID + Transport.PREFIX_BYTES + MAX_ADDRESS + MAX_SERVER_ID;

    /** By what the client reaches its target. */
    public enum Transport {
        /** A connection; the stream carries its bytes. */
        TCP("tcp:"),
        /** A flow; the stream carries {@link Datagram}s. */
        UDP("udp:");

        private static final int PREFIX_BYTES = 4;

        private final String prefix;

        Transport(String prefix) {
            this.prefix = prefix;
        }
    }

    public GoproxyHead {
        Fields.requireText(streamId, "stream id", 1, MAX_STREAM_ID);
        Fields.requireText(address, "address", 1, MAX_ADDRESS);
        Fields.requireText(serverId, "server id", 1, MAX_SERVER_ID);
    }

    /** Writes the head into one new buffer, which is the caller's to release. */
    public ByteBuf encode(ByteBufAllocator allocator) {
        ByteBuf out = allocator.buffer(192, MAX_BYTES);
        Strings.write(out, streamId);
        Strings.write(out, transport.prefix + address);
        Strings.write(out, serverId);
        return out;
    }

    /**
     * Reads one head, and not a byte more: what follows it is left in the buffer.
     *
     * @return null where the head is not all there yet; nothing is consumed then
     * @throws MalformedException where the bytes are no head; the buffer is of no more use then
     */
    public static @Nullable GoproxyHead decode(ByteBuf in) {
        LookAhead ahead = new LookAhead(in);
        String streamId = ahead.string("stream id", 1, MAX_STREAM_ID);
        if (streamId == null) {
            return null;
        }
        String target = ahead.string("target", Transport.PREFIX_BYTES + 1, Transport.PREFIX_BYTES + MAX_ADDRESS);
        if (target == null) {
            return null;
        }
        Transport transport = transport(target);
        String serverId = ahead.string("server id", 1, MAX_SERVER_ID);
        if (serverId == null) {
            return null;
        }
        ahead.consume();
        return new GoproxyHead(streamId, transport, target.substring(Transport.PREFIX_BYTES), serverId);
    }

    private static Transport transport(String target) {
        if (target.startsWith(Transport.TCP.prefix)) {
            return Transport.TCP;
        }
        if (target.startsWith(Transport.UDP.prefix)) {
            return Transport.UDP;
        }
        throw new MalformedException("target: unknown transport (expected: tcp:HOST:PORT or udp:HOST:PORT)");
    }
}
