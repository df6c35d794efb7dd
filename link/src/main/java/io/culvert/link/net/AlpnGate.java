package io.culvert.link.net;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import javax.net.ssl.SSLHandshakeException;

/**
 * Turns a TLS handshake that did not agree on our protocol into a failed one, and lets none of its bytes pass. Providers differ in what
 * they can be told to refuse, and a peer that offers no ALPN at all asks neither of them. Lives on the channel's loop.
 */
final class AlpnGate extends ChannelInboundHandlerAdapter {
    private final String expected;
    private boolean refused;

    AlpnGate(String expected) {
        this.expected = expected;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (!(event instanceof SslHandshakeCompletionEvent handshake)) {
            ctx.fireUserEventTriggered(event);
            return;
        }
        String agreed = ctx.pipeline().get(SslHandler.class).applicationProtocol();
        if (!handshake.isSuccess() || expected.equals(agreed)) {
            ctx.fireUserEventTriggered(event);
            ctx.pipeline().remove(this);
            return;
        }
        refused = true;
        ctx.fireUserEventTriggered(new SslHandshakeCompletionEvent(
                new SSLHandshakeException("ALPN: " + agreed + " (expected: " + expected + ")")));
        ctx.close();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (refused) {
            // TLS goes on decrypting what came in the same read as the end of the handshake.
            ReferenceCountUtil.release(message);
        } else {
            ctx.fireChannelRead(message);
        }
    }
}
