package io.culvert.link.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Puts together what a stream brings in pieces until enough of it is there to be read. Copying takes time in proportion to the bytes,
 * however small the pieces are. One stream's; lives on its session's loop.
 */
final class Gatherer {
    private final ByteBufAllocator alloc;
    private @Nullable ByteBuf sofar;
    /** Whether the last answer of {@link #with} was not the piece itself. */
    private boolean own;

    Gatherer(ByteBufAllocator alloc) {
        this.alloc = alloc;
    }

    /** A piece, taken over, behind what was kept; the answer is the caller's, to release or to {@link #keep}. */
    ByteBuf with(ByteBuf piece) {
        ByteBuf before = sofar;
        own = before != null;
        if (before == null) {
            return piece;
        }
        sofar = null;
        before.writeBytes(piece);
        piece.release();
        return before;
    }

    /** Takes back the last answer of {@link #with}, of which nothing or not all was read, and keeps the rest for the next piece. */
    void keep(ByteBuf all) {
        if (own && all.readerIndex() == 0) {
            sofar = all;
            return;
        }
        // A copy, since the rest may be small and the buffer it lies in large. It all came in the last piece: what was
        // kept in front of that has been read.
        sofar = alloc.buffer(2 * all.readableBytes()).writeBytes(all);
        all.release();
    }

    /** Drops what is kept; answers how many bytes that were. */
    int drop() {
        ByteBuf before = sofar;
        sofar = null;
        if (before == null) {
            return 0;
        }
        int n = before.readableBytes();
        before.release();
        return n;
    }
}
