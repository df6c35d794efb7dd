package io.culvert.gateway.engine;

import io.culvert.gateway.Admission;
import io.culvert.link.agent.Farewell;
import io.culvert.link.bytes.MalformedException;
import io.culvert.link.goproxy.Preface;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears the preface of a stock goproxy peer, asks whether it may come in, and makes way for its session. Bytes behind the preface, in the
 * same segment or not, are the session's and are kept for it. Nothing is ever answered: goproxy expects no answer. Lives on the channel's
 * loop.
 */
final class PrefaceHandler extends ByteToMessageDecoder {
    private static final Logger log = LoggerFactory.getLogger(PrefaceHandler.class);
    /** What a peer may send ahead of its admission: a stock client sends a ping, a stock server perhaps the heads of first visitors. */
    private static final int MOST_EARLY = 64 * 1024;

    private final StockDoor door;
    private final Stranger stranger;
    private @Nullable Preface preface;
    /** The tunnel's count as it was before the question whether this peer may come in. */
    private int revocations;

    PrefaceHandler(StockDoor door, Stranger stranger) {
        this.door = door;
        this.stranger = stranger;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (preface != null) {
            if (in.readableBytes() > MOST_EARLY) {
                throw new MalformedException("bytes before the admission: " + in.readableBytes()
                        + " (expected: at most " + MOST_EARLY + ")");
            }
            return;
        }
        Preface read = Preface.decode(in);
        if (read == null) {
            return;
        }
        preface = read;
        LiveTunnel tunnel = door.tunnel(read);
        if (tunnel == null) {
            refuse(ctx, "its key belongs to no open tunnel");
            return;
        }
        revocations = tunnel.sessions().revocations();
        CompletionStage<Admission> asked = door.admit(tunnel);
        asked.whenComplete(
                (admission, failure) -> ctx.executor().execute(() -> answer(ctx, read, tunnel, admission, failure)));
    }

    private void answer(
            ChannelHandlerContext ctx,
            Preface read,
            LiveTunnel tunnel,
            @Nullable Admission admission,
            @Nullable Throwable failure) {
        if (!ctx.channel().isActive()) {
            return;
        }
        if (admission instanceof Admission.Admitted admitted && admitted.tunnelId() == tunnel.id()) {
            tunnel.home().execute(() -> {
                long epoch = tunnel.sessions().nextEpoch();
                ctx.executor().execute(() -> welcome(ctx, read, tunnel, epoch));
            });
        } else {
            refuse(ctx, failure == null ? "its certificate is not the tunnel's" : failure.toString());
        }
    }

    private void welcome(ChannelHandlerContext ctx, Preface read, LiveTunnel tunnel, long epoch) {
        if (!ctx.channel().isActive()) {
            return;
        }
        if (epoch == 0) {
            refuse(ctx, "the tunnel ended");
            return;
        }
        if (read instanceof Preface.Client client) {
            GoproxySession session = door.session(tunnel, ctx.channel(), client, epoch);
            // Ahead of the session's first byte:
            // if that byte ends it, the tunnel hears of its leaving behind its coming.
            tunnel.home().execute(() -> {
                if (overtaken(tunnel)) {
                    session.end(Farewell.REMOVED, Sessions.REVOKED);
                } else {
                    tunnel.sessions().enter(session);
                }
            });
            become(ctx, session.mux());
        } else {
            PairedServer server =
                    new PairedServer(tunnel, ctx.channel(), (Preface.Server) read, door.liveness(), door.revocable());
            tunnel.home().execute(() -> {
                if (overtaken(tunnel)) {
                    server.end(Sessions.REVOKED);
                } else {
                    tunnel.sessions().pair(server);
                }
            });
            become(ctx, server.mux());
        }
    }

    /** Whether the certificate may have been revoked since it was found good; on the tunnel's home loop, where that would be done. */
    private boolean overtaken(LiveTunnel tunnel) {
        return door.revocable() && tunnel.sessions().revocations() != revocations;
    }

    private void become(ChannelHandlerContext ctx, ChannelHandler mux) {
        stranger.known();
        ctx.pipeline().addAfter(ctx.name(), "mux", mux);
        ctx.pipeline().remove(this);
    }

    private void refuse(ChannelHandlerContext ctx, String why) {
        if (door.complains(ctx.channel().eventLoop().ticker().nanoTime())) {
            log.info("a goproxy peer at {} was turned away: {}", ctx.channel().remoteAddress(), why);
        }
        ctx.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        log.debug("a stranger at {} was turned away: {}", ctx.channel().remoteAddress(), cause.toString());
        ctx.close();
    }
}
