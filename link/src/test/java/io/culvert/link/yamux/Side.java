package io.culvert.link.yamux;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** One machine with what it sends and tells written down. */
final class Side implements YamuxEvents {
    final Yamux yamux;
    final Deque<ByteBuf> out = new ArrayDeque<>();
    final List<Ear> accepted = new ArrayList<>();
    final List<Integer> pongs = new ArrayList<>();
    final List<Integer> goAways = new ArrayList<>();
    final List<Long> held = new ArrayList<>();
    Consumer<Ear> onOpened = ear -> {};
    Runnable onSend = () -> {};
    private final ByteBufAllocator alloc;
    private final LongSupplier clock;

    Side(Yamux.Role role, YamuxLimits limits, ByteBufAllocator alloc, LongSupplier clock) {
        this.yamux = new Yamux(role, limits, alloc, this);
        this.alloc = alloc;
        this.clock = clock;
    }

    long now() {
        return clock.getAsLong();
    }

    Ear open() {
        return new Ear(this, Objects.requireNonNull(yamux.open(now())));
    }

    /** The newest stream that the peer opened. */
    Ear newest() {
        return accepted.get(accepted.size() - 1);
    }

    ByteBuf pattern(int bytes) {
        byte[] pattern = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            pattern[i] = (byte) (i * 31 + i / 251);
        }
        return buffer(pattern);
    }

    ByteBuf buffer(byte[] bytes) {
        return alloc.directBuffer(Math.max(bytes.length, 1)).writeBytes(bytes);
    }

    /** Sends all that may be sent; answers what went out since the last time, as hex. */
    String pumped() {
        yamux.pump(Integer.MAX_VALUE);
        return sent();
    }

    /** Forgets what went out since the last time. */
    void drop() {
        out.forEach(ByteBuf::release);
        out.clear();
    }

    /** What went out since the last time, as hex. */
    String sent() {
        StringBuilder hex = new StringBuilder();
        for (ByteBuf bytes = out.poll(); bytes != null; bytes = out.poll()) {
            hex.append(ByteBufUtil.hexDump(bytes));
            bytes.release();
        }
        return hex.toString();
    }

    /** Takes in bytes given as hex, spaces allowed. */
    void receive(String hex) {
        receive(buffer(ByteBufUtil.decodeHexDump(hex.replace(" ", ""))));
    }

    /** Takes in bytes; releases them. */
    void receive(ByteBuf bytes) {
        try {
            yamux.receive(bytes, now());
        } finally {
            bytes.release();
        }
    }

    /** A data frame's head, as hex. */
    static String data(int flags, int id, int length) {
        return frame(Frame.DATA, flags, id, length);
    }

    static String frame(int type, int flags, int id, int length) {
        return String.format("00%02x%04x%08x%08x", type, flags, id, length);
    }

    @Override
    public void send(ByteBuf bytes) {
        out.add(bytes);
        onSend.run();
    }

    @Override
    public void held(long bytes) {
        held.add(bytes);
    }

    @Override
    public void opened(YamuxStream stream) {
        Ear ear = new Ear(this, stream);
        accepted.add(ear);
        onOpened.accept(ear);
    }

    @Override
    public void pong(int value) {
        pongs.add(value);
    }

    @Override
    public void goAway(int code) {
        goAways.add(code);
    }
}
