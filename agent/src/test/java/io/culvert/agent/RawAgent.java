package io.culvert.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.link.agent.AgentMessage;
import io.culvert.link.agent.AgentMessage.Hello;
import io.culvert.link.agent.AgentMessage.Welcome;
import io.culvert.link.agent.MessageCodec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** An agent by hand, on the JDK's TLS: it says what it is told to, right or wrong. One thread. */
final class RawAgent implements Closeable {
    static final int DATA = 0;
    static final int WINDOW_UPDATE = 1;
    static final int PING = 2;
    static final int GO_AWAY = 3;
    static final int SYN = 1;
    static final int ACK = 2;
    static final int FIN = 4;
    static final int RST = 8;

    private static final int HEADER = 12;

    final SSLSocket socket;
    private final DataInputStream in;

    /** A frame's header as read. */
    record Frame(int type, int flags, int id, int length) {}

    /** TLS as an agent speaks it. */
    RawAgent(int port) throws IOException {
        this(dial(port, "TLSv1.3", "culvert/1"));
    }

    RawAgent(SSLSocket socket) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(socket.getInputStream());
    }

    /** Connects without a handshake yet, and with a small buffer for what comes back. */
    static SSLSocket dial(int port, String protocol, String... alpn) throws IOException {
        Socket plain = new Socket();
        plain.setReceiveBufferSize(16 * 1024);
        plain.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 5_000);
        plain.setSoTimeout(15_000);
        plain.setTcpNoDelay(true);
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new Anyone()}, null);
            SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, "127.0.0.1", port, true);
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setProtocols(new String[] {protocol});
            parameters.setApplicationProtocols(alpn);
            socket.setSSLParameters(parameters);
            return socket;
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    static byte[] hello(long tunnelId, byte[] secret) {
        ByteBuf hello = MessageCodec.encode(
                new Hello(tunnelId, secret, new byte[Hello.INSTANCE_BYTES], 0, false, "raw/1"),
                UnpooledByteBufAllocator.DEFAULT);
        byte[] bytes = new byte[hello.readableBytes()];
        hello.readBytes(bytes).release();
        return bytes;
    }

    static byte[] frame(int type, int flags, int id, int length) {
        return ByteBuffer.allocate(HEADER)
                .put((byte) 0)
                .put((byte) type)
                .putShort((short) flags)
                .putInt(id)
                .putInt(length)
                .array();
    }

    /** All of them, one behind the other. */
    static byte[] join(byte[]... pieces) {
        int total = 0;
        for (byte[] piece : pieces) {
            total += piece.length;
        }
        ByteBuffer all = ByteBuffer.allocate(total);
        for (byte[] piece : pieces) {
            all.put(piece);
        }
        return all.array();
    }

    static byte[] times(int count, byte[] piece) {
        ByteBuffer all = ByteBuffer.allocate(count * piece.length);
        for (int i = 0; i < count; i++) {
            all.put(piece);
        }
        return all.array();
    }

    RawAgent send(byte[]... pieces) throws IOException {
        socket.getOutputStream().write(join(pieces));
        return this;
    }

    AgentMessage answer() throws IOException {
        byte[] header = in.readNBytes(MessageCodec.HEADER_BYTES);
        assertThat(header).as("the header of an answer").hasSize(MessageCodec.HEADER_BYTES);
        byte[] body = in.readNBytes(ByteBuffer.wrap(header).getShort(6));
        return Objects.requireNonNull(MessageCodec.decode(Unpooled.wrappedBuffer(header, body)));
    }

    RawAgent welcomed() throws IOException {
        assertThat(answer()).isInstanceOf(Welcome.class);
        return this;
    }

    /** The next frame; its payload, if any, is dropped. */
    Frame read() throws IOException {
        in.readUnsignedByte();
        Frame frame = new Frame(in.readUnsignedByte(), in.readUnsignedShort(), in.readInt(), in.readInt());
        if (frame.type() == DATA) {
            in.skipNBytes(frame.length());
        }
        return frame;
    }

    /** Reads on to the first frame of a type that has one of these flags; 0 for any. */
    Frame await(int type, int flags) throws IOException {
        Frame frame = read();
        while (frame.type() != type || (flags != 0 && (frame.flags() & flags) == 0)) {
            frame = read();
        }
        return frame;
    }

    /** Asks for a sign of life and hears it. */
    void assertLives() throws IOException {
        int value = 0x0C07FEE;
        send(frame(PING, SYN, 0, value));
        assertThat(await(PING, ACK).length()).isEqualTo(value);
    }

    /** Reads whatever is still to come, up to an end or a reset; fails where there is none. */
    void assertOver() throws IOException {
        try {
            while (in.read(new byte[65_536]) >= 0) {}
        } catch (SocketTimeoutException e) {
            throw new AssertionError("the server keeps the connection", e);
        } catch (IOException e) {
            // A reset, or an end without TLS's own goodbye, is an end too.
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private static final class Anyone extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket from) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket from) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
