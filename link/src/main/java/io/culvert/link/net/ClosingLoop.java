package io.culvert.link.net;

import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.SingleThreadIoEventLoop;
import java.util.concurrent.Executor;

/**
 * A loop that closes every socket before it ends. Netty's own (4.2.18) looks once a turn whether it is to end, and then closes them; but it ends at the end
 * of the turn, and without that where it was shut down in between: by one of its tasks, or by another thread meanwhile, and without a quiet period.
 * Whoever waited for such a socket then waits for ever, and what waits for them is leaked.
 *
 * <p>Drop this class once Netty's loop looks again behind its tasks; {@code ClosingLoopTest} shows whether it does.
 */
final class ClosingLoop extends SingleThreadIoEventLoop {
    ClosingLoop(IoEventLoopGroup group, Executor thread, IoHandlerFactory handlers) {
        super(group, thread, handlers);
    }

    /** Netty asks several times while it ends, so what the closing of a socket has opened is closed, too. */
    @Override
    protected boolean confirmShutdown() {
        if (isShuttingDown()) {
            ioHandler().prepareToDestroy();
        }
        return super.confirmShutdown();
    }
}
