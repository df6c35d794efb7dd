package io.culvert.gateway.engine;

import io.culvert.gateway.identity.ServerIdentity;
import io.culvert.link.net.BridgeTls;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells Culvert's own agents from stock ones by what TLS agreed on, without waiting for a byte of either: own agents offer ALPN and speak
 * TLS 1.3, stock ones offer none and show a certificate. Lives on the channel's loop, and is gone after the handshake.
 */
final class BridgeSwitch extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(BridgeSwitch.class);

    private final Supplier<ChannelHandler> own;
    private final Function<byte[], ChannelHandler> stock;

    /**
     * Decides with the handshake.
     *
     * @param own makes the next handler for an own agent
     * @param stock makes it for a stock agent, from the fingerprint of its certificate
     */
    BridgeSwitch(Supplier<ChannelHandler> own, Function<byte[], ChannelHandler> stock) {
        this.own = own;
        this.stock = stock;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (!(event instanceof SslHandshakeCompletionEvent handshake)) {
            ctx.fireUserEventTriggered(event);
            return;
        }
        if (!handshake.isSuccess()) {
            refuse(ctx, handshake.cause().toString());
            return;
        }
        SslHandler tls = ctx.pipeline().get(SslHandler.class);
        SSLSession session = tls.engine().getSession();
        String agreed = tls.applicationProtocol();
        if (BridgeTls.PROTOCOL.equals(agreed)) {
            if (BridgeTls.TLS_1_3.equals(session.getProtocol())) {
                become(ctx, own.get());
            } else {
                refuse(ctx, session.getProtocol() + " (expected of an own agent: " + BridgeTls.TLS_1_3 + ")");
            }
            return;
        }
        Optional<byte[]> fingerprint = agreed == null ? shown(session) : Optional.empty();
        if (fingerprint.isPresent()) {
            become(ctx, stock.apply(fingerprint.get()));
        } else {
            refuse(ctx, "neither ALPN " + BridgeTls.PROTOCOL + " nor a certificate");
        }
    }

    private static Optional<byte[]> shown(SSLSession session) {
        try {
            return Arrays.stream(session.getPeerCertificates()).findFirst().map(BridgeSwitch::fingerprint);
        } catch (SSLPeerUnverifiedException e) {
            return Optional.empty();
        }
    }

    private static byte[] fingerprint(Certificate certificate) {
        return ServerIdentity.fingerprint((X509Certificate) certificate);
    }

    private void become(ChannelHandlerContext ctx, ChannelHandler next) {
        ctx.pipeline().addAfter(ctx.name(), "hello", next);
        ctx.pipeline().remove(this);
    }

    private static void refuse(ChannelHandlerContext ctx, String why) {
        log.debug("a stranger at {} was turned away: {}", ctx.channel().remoteAddress(), why);
        ctx.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        refuse(ctx, cause.toString());
    }
}
